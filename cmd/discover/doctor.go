package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/objdisco/discover/evaluator/kernel"
	"github.com/objdisco/discover/sandbox"
)

func (a *app) doctorCommand() *cobra.Command {
	var bench bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine offers: sandbox layers, SIMD, API key, terminal",
		Long: `Say what this machine offers: which layers of the sandbox hold, the SIMD tier of
the kernels, whether an API key is set, whether the output is a terminal. The
sandbox is started as with "sandbox: auto", so that missing layers are listed; a
run with "sandbox: strict" refuses to check anything without them.

With --bench also what a check in the sandbox, a training run and a verdict cost
here, which takes half a minute and means little while the machine is busy with
other things.`,
		Example: "  discover doctor\n  discover doctor --bench",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), bench) },
	}
	cmd.Flags().BoolVar(&bench, "bench", false, "measure the speed of the sandbox and of the evaluator")
	return cmd
}

// machine is what doctor finds.
type machine struct {
	Version  string         `json:"version"`
	Platform string         `json:"platform"`
	Cores    int            `json:"cores"`
	SIMD     string         `json:"simd"`
	Sandbox  sandbox.Report `json:"sandbox"`
	Strict   bool           `json:"strict"` // every layer of the sandbox holds
	APIKey   bool           `json:"api_key"`
	BaseURL  bool           `json:"base_url"`
	Terminal bool           `json:"terminal"`
	Bench    *speed         `json:"bench,omitempty"`
}

// speed is what doctor --bench measures, a section for each part of the program.
type speed struct {
	Sandbox   sandboxBench   `json:"sandbox"`
	Evaluator evaluatorBench `json:"evaluator"`
}

func measureSpeed(ctx context.Context) (*speed, error) {
	var s speed
	var err error
	checker := newChecker("auto", 0)
	defer checker.Close()
	if s.Sandbox, err = benchSandbox(ctx, checker, benchChecks); err != nil {
		return nil, fmt.Errorf("measure the sandbox: %w", err)
	}
	if s.Evaluator, err = benchEvaluator(ctx, checker); err != nil {
		return nil, fmt.Errorf("measure the evaluator: %w", err)
	}
	return &s, nil
}

func (a *app) doctor(ctx context.Context, bench bool) error {
	report, err := newChecker("auto", 0).Isolation(ctx)
	if err != nil {
		return fmt.Errorf("start the sandbox child: %w", err)
	}
	m := machine{
		Version: version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), SIMD: kernel.Tier(),
		Sandbox: report, Strict: len(report.Missing()) == 0,
		APIKey: os.Getenv(keyVariable) != "", BaseURL: os.Getenv(baseVariable) != "", Terminal: newStatusLine(a.err).terminal() && term.IsTerminal(int(os.Stdout.Fd())),
	}
	if bench {
		if m.Bench, err = measureSpeed(ctx); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(m)
	}
	return printMachine(a.out, m)
}

func printMachine(w io.Writer, m machine) error {
	rows := [][]string{
		{"discover", m.Version}, {"platform", m.Platform}, {"cores", fmt.Sprint(m.Cores)}, {"SIMD tier", m.SIMD},
		{"sandbox strict", yesNo(m.Strict, "possible", "not possible here")},
	}
	for _, layer := range m.Sandbox.Layers {
		rows = append(rows, []string{"  " + string(layer.Layer), yesNo(layer.Holds, "holds", "missing"), layer.Detail})
	}
	rows = append(rows,
		[]string{keyVariable, yesNo(m.APIKey, "set", "not set: without it or "+baseVariable+" a search uses the built-in evolution")},
		[]string{baseVariable, yesNo(m.BaseURL, "set", "not set")},
		[]string{"terminal", yesNo(m.Terminal, "yes", "no: progress is printed line by line")})
	if err := table(w, rows); err != nil || m.Bench == nil {
		return err
	}
	for _, section := range [][][]string{m.Bench.Sandbox.rows(), m.Bench.Evaluator.rows()} {
		fmt.Fprintln(w)
		if err := table(w, section); err != nil {
			return err
		}
	}
	return nil
}

func yesNo(v bool, yes, no string) string {
	if v {
		return yes
	}
	return no
}
