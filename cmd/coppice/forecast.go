package main

import (
	"context"

	"github.com/spf13/cobra"

	"coppice/internal/collect"
	"coppice/internal/druid"
	"coppice/internal/render"
	"coppice/planner"
)

func newForecast(p *process, s *settings) *cobra.Command {
	f := forecasting{process: p, settings: s}
	cmd := &cobra.Command{
		Use:   "forecast",
		Short: "Show day by day what will be dropped and what becomes deletable",
		Long: `forecast follows every segment of the declared datasources from now on: when rules drop it, when it becomes killable, as
if the plan were carried out now and nothing else happened. It changes nothing. --days or --until says how far it looks.`,
		Args: between(0, 0, "no argument"), Annotations: map[string]string{readsOnly: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.until != "" && cmd.Flags().Changed("days") {
				return failf(exitUsage, "--days and --until both say how far to look: give one of the two")
			}
			return f.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.days, "days", 30, "how many days to look ahead")
	flags.StringVar(&f.until, "until", "", "the moment to look ahead to (2027-01-01, 2027-01-01T12:00Z), instead of --days")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "show every line instead of the first ones")
	s.selection(flags)
	s.offline(flags)
	return cmd
}

// forecasting is one run of forecast.
type forecasting struct {
	process  *process
	settings *settings
	days     int
	until    string
	verbose  bool
}

func (f *forecasting) run(ctx context.Context) error {
	if f.days < 1 {
		return failf(exitUsage, "--days is 1 or more, not %d", f.days)
	}
	look, err := open(ctx, f.process, f.settings)
	if err != nil {
		return err
	}
	horizon, err := f.horizon(look.now)
	if err != nil {
		return look.closed(err)
	}
	in, err := look.inputAhead(ctx)
	if err = look.closed(err); err != nil {
		return err
	}
	in.Each = untilInterrupted(ctx)
	forecast := planner.Forecast(in, horizon)
	if f.settings.asJSON() {
		return render.JSON(f.process.stdout, forecast)
	}
	shown := f.settings.look(f.process, f.process.stdout)
	shown.Verbose = f.verbose
	return render.Forecast(f.process.stdout, forecast, shown)
}

// horizon is the last moment that is looked at.
func (f *forecasting) horizon(now druid.Instant) (druid.Instant, error) {
	if f.until == "" {
		until, err := druid.Period{Days: int32(f.days)}.After(now)
		if err != nil || int(int32(f.days)) != f.days {
			return 0, failf(exitUsage, "--days %d leads out of Druid's range of time", f.days)
		}
		return until, nil
	}
	until, err := druid.ParseInstant(f.until)
	if err != nil {
		return 0, failf(exitUsage, "--until: %w", err)
	}
	if until <= now {
		return 0, failf(exitUsage, "--until %s is not after %s, where the forecast begins", until, now)
	}
	return until, nil
}

// inputAhead reads the cluster, with the payloads of everything that a forecast is about.
func (l *session) inputAhead(ctx context.Context) (planner.Input, error) {
	if l.file != nil {
		return l.fromFile()
	}
	seen, err := collect.Collect(ctx, l.request())
	if err != nil {
		return planner.Input{}, err
	}
	return l.filled(ctx, seen, l.inputOf(seen.Cluster), planner.ForecastNeeds)
}
