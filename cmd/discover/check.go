package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/sandbox"
	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective/catalog"
)

func (a *app) checkCommand() *cobra.Command {
	var batch string
	cmd := &cobra.Command{
		Use:   "check SOURCE",
		Short: "Check one objective: the gate, the trace, its datasheet",
		Long: `Check one objective without training: SOURCE is a file, "-" for standard input,
or a name from "discover catalog". Prints its fingerprint, the known loss it is
nearest to and its datasheet; with --batch also the loss of every pair and the
gradient of their mean. The sandbox runs with the layers that this machine has
("auto"); "discover doctor" lists them.

The batch is a JSON file with the lists policy_chosen, policy_rejected,
ref_chosen, ref_rejected, chosen_len and rejected_len, the number beta and,
optionally, progress.

What an objective may be written in:

` + sandbox.Reference(),
		Example: "  discover check dpo\n  discover check my_loss.go --batch pairs.json --json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.check(cmd, args[0], batch) },
	}
	cmd.Flags().StringVar(&batch, "batch", "", "JSON file of preference pairs to compute the loss and gradients of")
	return cmd
}

// checkJSON is what `check --json` prints.
type checkJSON struct {
	Status             string           `json:"status"`
	Stage              string           `json:"stage"`
	Line               int              `json:"line"`
	Column             int              `json:"column"`
	Reason             string           `json:"reason"`
	Hint               string           `json:"hint"`
	Fingerprint        string           `json:"fingerprint"`
	Nodes              int              `json:"nodes"`
	Nearest            *graph.Match     `json:"nearest"`
	Datasheet          *graph.Datasheet `json:"datasheet"`
	Loss               []number         `json:"loss,omitempty"`
	GradPolicyChosen   []number         `json:"grad_policy_chosen,omitempty"`
	GradPolicyRejected []number         `json:"grad_policy_rejected,omitempty"`
}

// number is a float64 that is null in JSON when it is not finite.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

func numbers(x []float64) []number {
	out := make([]number, len(x))
	for i, v := range x {
		out[i] = number(v)
	}
	return out
}

func (a *app) check(cmd *cobra.Command, source, batchFile string) error {
	checker := newChecker("auto", 1)
	defer checker.Close()
	checker.Prepare()
	code, err := a.readSource(source)
	if err != nil {
		return err
	}
	var batch *graph.Batch
	if batchFile != "" {
		if batch, err = readBatch(batchFile); err != nil {
			return err
		}
	}
	compiled, rejection, err := checker.Check(cmd.Context(), code)
	if err != nil {
		return err
	}
	if rejection != nil {
		return a.rejected(source, rejection)
	}
	report, err := checked(compiled.Graph, batch)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(report)
	}
	return printChecked(a.out, compiled.Graph, report)
}

// rejected prints why an objective was refused.
func (a *app) rejected(source string, r *sandbox.Rejection) error {
	if a.json {
		report := checkJSON{Status: "rejected", Stage: r.Stage, Line: r.Line, Column: r.Column, Reason: r.Reason, Hint: r.Hint}
		if err := a.printJSON(report); err != nil {
			return err
		}
		return errRejected
	}
	fmt.Fprintf(a.out, "rejected at stage %s\n", r.Stage)
	if r.Line > 0 {
		fmt.Fprintf(a.out, "%s:%d:%d: %s\n", printable(source), r.Line, r.Column, printable(r.Reason))
	} else {
		fmt.Fprintln(a.out, printable(r.Reason))
	}
	if r.Hint != "" {
		fmt.Fprintf(a.out, "hint: %s\n", printable(r.Hint))
	}
	return errRejected
}

func checked(g *graph.Graph, batch *graph.Batch) (*checkJSON, error) {
	study, err := graph.NewStudy(g)
	if err != nil {
		return nil, err
	}
	nearest, err := catalog.Library().NearestTo(study)
	if err != nil {
		return nil, err
	}
	report := &checkJSON{Status: "ok", Fingerprint: study.Fingerprint(), Nodes: len(g.Nodes), Nearest: &nearest, Datasheet: study.Datasheet()}
	if batch == nil {
		return report, nil
	}
	plan, err := graph.Compile(g)
	if err != nil {
		return nil, err
	}
	var out graph.Result
	plan.NewRunner().Run(batch, 0, &out)
	report.Loss, report.GradPolicyChosen, report.GradPolicyRejected = numbers(out.Loss), numbers(out.GradChosen), numbers(out.GradRejected)
	return report, nil
}

func printChecked(w io.Writer, g *graph.Graph, r *checkJSON) error {
	fmt.Fprintf(w, "ok\nformula      %s\nfingerprint  %s\nnodes        %d\n", graph.Formula(g), r.Fingerprint, r.Nodes)
	fmt.Fprintf(w, "nearest      %s\n", r.Nearest)
	for i, fact := range r.Datasheet.Facts() {
		label := ""
		if i == 0 {
			label = "datasheet"
		}
		fmt.Fprintf(w, "%-12s %s\n", label, fact)
	}
	if r.Loss == nil {
		return nil
	}
	rows := [][]string{{"pair", "loss", "d/d policy_chosen", "d/d policy_rejected"}}
	for i := range r.Loss {
		rows = append(rows, []string{fmt.Sprint(i), fmt.Sprintf("%.10g", r.Loss[i]),
			fmt.Sprintf("%.10g", r.GradPolicyChosen[i]), fmt.Sprintf("%.10g", r.GradPolicyRejected[i])})
	}
	return table(w, rows)
}

// maxBatchBytes bounds a batch file.
const maxBatchBytes = 16 << 20

// readBatch reads preference pairs from a JSON file.
func readBatch(file string) (*graph.Batch, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--batch: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBatchBytes+1))
	if err != nil {
		return nil, fmt.Errorf("--batch: %w", err)
	}
	if len(data) > maxBatchBytes {
		return nil, fmt.Errorf("--batch %q: more than %d bytes", file, maxBatchBytes)
	}
	b, err := decodeBatch(data)
	if err != nil {
		return nil, fmt.Errorf("--batch %q: %w", file, err)
	}
	return b, nil
}

func decodeBatch(data []byte) (*graph.Batch, error) {
	var in struct {
		graph.Batch
		Beta *float64 `json:"beta"`
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&in); err != nil {
		return nil, err
	}
	if in.Beta == nil {
		return nil, fmt.Errorf("beta is missing")
	}
	b := &in.Batch
	b.Beta = *in.Beta
	if b.Len() == 0 {
		return nil, fmt.Errorf("policy_chosen is missing or empty")
	}
	return b, sameLength(b)
}

func sameLength(b *graph.Batch) error {
	for _, s := range []struct {
		name string
		x    []float64
	}{
		{"policy_rejected", b.PolicyRejected}, {"ref_chosen", b.RefChosen}, {"ref_rejected", b.RefRejected},
		{"chosen_len", b.ChosenLen}, {"rejected_len", b.RejectedLen},
	} {
		if len(s.x) != b.Len() {
			return fmt.Errorf("%s has %d values, want %d as policy_chosen has", s.name, len(s.x), b.Len())
		}
	}
	return nil
}
