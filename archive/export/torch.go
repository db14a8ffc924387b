package export

import (
	"bytes"
	_ "embed"
	"strings"
	"sync"
	"text/template"

	"github.com/objdisco/discover/sandbox/graph"
)

//go:embed torch.tmpl
var torchText string

// Templates are parsed when they are used: every sandbox child is this program, and
// starts for one candidate.
var torchTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("torch").Parse(torchText))
})

// torchDialect spells the language in PyTorch. F.softplus turns linear beyond a
// threshold; at 40 that is exact in double precision.
var torchDialect = dialect{
	calls: map[graph.Op]string{
		graph.Max: "torch.maximum({x}, {y})", graph.Min: "torch.minimum({x}, {y})",
		graph.Clamp: "torch.clamp({x}, {k}, {l})", graph.ClampMin: "torch.clamp({x}, min={k})", graph.ClampMax: "torch.clamp({x}, max={k})",
		graph.Abs: "torch.abs({x})", graph.Square: "torch.square({x})", graph.Sqrt: "torch.sqrt({x})",
		graph.Exp: "torch.exp({x})", graph.Expm1: "torch.expm1({x})", graph.Log: "torch.log({x})", graph.Log1p: "torch.log1p({x})",
		graph.Sigmoid: "torch.sigmoid({x})", graph.LogSigmoid: "F.logsigmoid({x})", graph.Softplus: "F.softplus({x}, threshold=40)",
		graph.ReLU: "F.relu({x})", graph.Tanh: "torch.tanh({x})", graph.Erf: "torch.erf({x})", graph.Atan: "torch.atan({x})",
		graph.Sin: "torch.sin({x})", graph.Cos: "torch.cos({x})", graph.Detach: "{x}.detach()",
		graph.Mean: "{x}.mean()", graph.Sum: "{x}.sum()", graph.Std: "batch_std({x})", graph.Var: "batch_var({x})",
		graph.BatchMax: "{x}.amax()", graph.BatchMin: "{x}.amin()", graph.Sort: "torch.sort({x}, stable=True).values",
	},
	tensors: true,
	mask:    "(%s).to(policy_chosen_logps)",
	where:   "torch.where(%s, %s, %s)",
}

// torchFiles writes an objective as a Python file for PyTorch, and its golden
// vectors.
func torchFiles(o Objective) ([]file, error) { return pythonFiles(o, torchDialect, torchTemplate()) }

func pythonFiles(o Objective, d dialect, text *template.Template) ([]file, error) {
	p, err := compile(o.Graph)
	if err != nil {
		return nil, err
	}
	about, err := o.description()
	if err != nil {
		return nil, err
	}
	golden, err := vectorsOf(&o)
	if err != nil {
		return nil, err
	}
	w := newPyWriter(p, d)
	body := w.body()
	var out bytes.Buffer
	err = text.Execute(&out, map[string]any{
		"Stem": o.stem(), "Title": docstring([]string{o.title()})[0], "About": docstring(about),
		"Params": w.keywords(), "Pairs": o.pairsPerBatch(), "Clamp": strings.Contains(strings.Join(body, "\n"), "clamp("), "Body": body, "Number": strings.Contains(strings.Join(body, "\n"), "number("),
		"Lengths": p.has(graph.ChosenLen) || p.has(graph.RejectedLen), "Progress": p.has(graph.Progress),
		"Reference":  p.has(graph.RefChosen) || p.has(graph.RefRejected),
		"Statistics": p.statistics(), "Std": p.has(graph.Std), "Var": p.has(graph.Var),
		"Functional": strings.Contains(strings.Join(body, "\n"), "F."),
	})
	if err != nil {
		return nil, err
	}
	return []file{{o.stem() + ".py", out.Bytes()}, {o.stem() + ".vectors.json", golden}}, nil
}
