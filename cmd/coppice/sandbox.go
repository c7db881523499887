package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newSandbox(p *process, s *settings) *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the sandbox of the configuration over HTTP, for curl and other tools",
		Long: `sandbox serves the cluster block's sandbox on the loopback interface until it is interrupted: a Druid-compatible
Coordinator and Overlord with real files as deep storage. There is no authentication. Only one process can have a sandbox
open; while it is served, other commands reach it with coordinator = "http://..." instead of a sandbox block.`,
		Args: between(0, 0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error { return serveSandbox(cmd.Context(), p, s, address) },
	}
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:8081", "the address to serve on, of this machine alone; port 0 chooses one")
	return cmd
}

func serveSandbox(ctx context.Context, p *process, s *settings, address string) error {
	_, cluster, err := settle(p, s)
	if err != nil {
		return err
	}
	if cluster.Sandbox == nil {
		return failf(exitUsage, "cluster %s is no sandbox: its block has no sandbox block inside", cluster.Name)
	}
	box, err := openSandbox(p, s, cluster.Sandbox)
	if err != nil {
		return err
	}
	err = box.Serve(ctx, address, func(url string) { fmt.Fprintf(p.stdout, "serving %s at %s; interrupt to stop\n", cluster.Name, url) })
	return errors.Join(err, box.Close())
}
