package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/spf13/cobra"
	yaml "go.yaml.in/yaml/v4"

	"github.com/objdisco/discover/archive"
	"github.com/objdisco/discover/archive/report"
	"github.com/objdisco/discover/discover"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func (a *app) reportCommand() *cobra.Command {
	var output, control string
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Write a run as one HTML page that opens offline",
		Long: `Write a run as one HTML page that opens offline: the answer and how sure it is, what
it cost, the search, the leaderboard, the best objective beside dpo, hinge and ipo,
its lineage, what failed and why, and the settings that repeat the run. It needs no
network, script or font, prints on A4, and works while the run is going on.`,
		Example: "  discover report first -o report.html\n  discover run --preset quick --proposer random --name control\n  discover report first --control control -o report.html",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.report(args[0], control, output) },
	}
	cmd.Flags().StringVarP(&output, "output", "o", "report.html", "file to write")
	cmd.Flags().StringVar(&control, "control", "", "a run of the random proposer to compare the search with")
	return cmd
}

// reportJSON is what `report --json` and `plot --json` print.
type reportJSON struct {
	Run     string `json:"run"`
	Written string `json:"written"`
	Answer  string `json:"answer,omitempty"`
}

func (a *app) report(run, control, output string) error {
	p, err := a.readReport(run, control, nil)
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := p.WriteHTML(&page); err != nil {
		return err
	}
	return a.wrote(reportJSON{Run: run, Written: output, Answer: p.Answer()}, page.Bytes())
}

// wrote puts data where the result says and prints the result.
func (a *app) wrote(result reportJSON, data []byte) error {
	if err := os.WriteFile(result.Written, data, 0o644); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	if a.json {
		return a.printJSON(result)
	}
	if result.Answer != "" {
		fmt.Fprintln(a.out, printable(result.Answer))
	}
	_, err := fmt.Fprintln(a.out, result.Written)
	return err
}

// readReport reads a run, and the control unless that is "".
func (a *app) readReport(run, control string, ids []int) (_ *report.Report, err error) {
	r, err := archive.OpenReadOnly(a.runs, run)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	o := report.Options{Known: catalog.Known(), IDs: ids, Version: version()}
	if o.Config, o.Commands, err = repeating(r, run); err != nil {
		return nil, err
	}
	if control != "" {
		if o.Control, err = archive.OpenReadOnly(a.runs, control); err != nil {
			return nil, fmt.Errorf("--control: %w", err)
		}
		defer func() { err = errors.Join(err, o.Control.Close()) }()
	}
	return report.Read(r, o)
}

// repeating returns the configuration of a run as a file, and the commands that
// repeat the run with it. There are none for a run that was imported, or whose
// configuration another version wrote in a way that this one cannot read.
func repeating(r *archive.Reader, name string) (config string, commands []string, err error) {
	run, err := r.Run()
	if err != nil {
		return "", nil, err
	}
	var start settings
	if run.Proposer == importer || json.Unmarshal(run.Config, &start) != nil {
		return "", nil, nil
	}
	start.Config.BaseURL = withoutSecrets(start.Config.BaseURL)
	text, err := yaml.Dump(start.Config)
	if err != nil {
		return "", nil, err
	}
	again := name + "-again"
	replay := fmt.Sprintf("discover run --config %s.yaml --proposer replay --from %s --name %s", name, name, again)
	if run.Proposer == discover.ProposerLLM || start.From != "" {
		return string(text), []string{replay}, nil
	}
	return string(text), []string{fmt.Sprintf("discover run --config %s.yaml --proposer %s --name %s", name, run.Proposer, again)}, nil
}

// withoutSecrets drops from an address what may hold a password or a key.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
