package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"coppice/internal/plan"
)

// consenting are the flags that say how consent is given.
type consenting struct {
	autoApprove, input bool
	// command is what asks, when it is not apply.
	command string
}

// asking names what asks.
func (c consenting) asking() string {
	if c.command != "" {
		return c.command
	}
	return "apply without a saved plan"
}

// notSent is what every refusal ends with.
const notSent = "nothing was sent to the cluster"

// possible refuses where nobody could be asked.
func (c consenting) possible(p *process) error {
	switch {
	case c.autoApprove:
		return nil
	case !c.input:
		return failf(exitUsage, "%s asks for consent, and --input=false forbids to ask: save a plan and apply it, or add --auto-approve; %s", c.asking(), notSent)
	case p.columns(p.stdin) == 0:
		return failf(exitUsage, "%s asks for consent, and standard input is no terminal: save a plan and apply it, or add --auto-approve; %s", c.asking(), notSent)
	}
	return nil
}

// consent asks once for the whole plan. Anything but the exact answer is a no.
func (c consenting) consent(ctx context.Context, p *process, asked *plan.Plan) error {
	if err := c.possible(p); err != nil || c.autoApprove {
		return err
	}
	want := asked.Cluster.Name
	what := "the cluster's name"
	if n := asked.Summary.Kill.Segments; n > 0 {
		want = fmt.Sprintf("%s %d", want, n)
		what = "the cluster's name and the number of segments that are deleted for good"
	}
	fmt.Fprintf(p.stderr, "\nTo apply this plan to %s, type %s: %q\n> ", asked.Cluster.Name, what, want)
	answer, err := p.readLine(ctx)
	if err != nil || !strings.HasSuffix(answer, "\n") {
		fmt.Fprintln(p.stderr) // the line of the question has no end yet
	}
	answer = strings.Join(strings.Fields(answer), " ")
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s", err, notSent)
	case answer != want:
		return failf(exitError, "not confirmed: %s; %q was asked for, and %q was typed", notSent, want, answer)
	}
	return nil
}

// readLine reads one line, or less at the end of the input, and gives up when the context does. The reading itself
// cannot be ended; it is left behind.
func (p *process) readLine(ctx context.Context) (string, error) {
	read := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(p.stdin).ReadString('\n') // what came before an error is the answer
		read <- text
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case text := <-read:
		return text, nil
	}
}
