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
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine offers: sandbox layers, SIMD, API key, terminal",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context()) },
	}
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
}

func (a *app) doctor(ctx context.Context) error {
	report, err := newChecker("auto").Isolation(ctx)
	if err != nil {
		return fmt.Errorf("start the sandbox child: %w", err)
	}
	m := machine{
		Version: version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), SIMD: kernel.Tier(),
		Sandbox: report, Strict: len(report.Missing()) == 0,
		APIKey: os.Getenv(keyVariable) != "", BaseURL: os.Getenv(baseVariable) != "", Terminal: newStatusLine(a.err).terminal() && term.IsTerminal(int(os.Stdout.Fd())),
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
	return table(w, rows)
}

func yesNo(v bool, yes, no string) string {
	if v {
		return yes
	}
	return no
}
