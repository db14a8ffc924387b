package export

import (
	_ "embed"
	"sync"
	"text/template"

	"github.com/objdisco/discover/sandbox/graph"
)

//go:embed jax.tmpl
var jaxText string

var jaxTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("jax").Parse(jaxText))
})

// jaxDialect spells the language in jax.numpy; the names without a module are
// imported, or defined with numpy, by the generated file.
var jaxDialect = dialect{
	calls: map[graph.Op]string{
		graph.Max: "jnp.maximum({x}, {y})", graph.Min: "jnp.minimum({x}, {y})",
		graph.Clamp: "clamp({x}, {k}, {l})", graph.ClampMin: "clamp({x}, {k}, jnp.inf)", graph.ClampMax: "clamp({x}, -jnp.inf, {k})",
		graph.Abs: "jnp.abs({x})", graph.Square: "jnp.square({x})", graph.Sqrt: "jnp.sqrt({x})",
		graph.Exp: "jnp.exp({x})", graph.Expm1: "jnp.expm1({x})", graph.Log: "jnp.log({x})", graph.Log1p: "jnp.log1p({x})",
		graph.Sigmoid: "sigmoid({x})", graph.LogSigmoid: "-softplus({-x})", graph.Softplus: "softplus({x})",
		graph.ReLU: "relu({x})", graph.Tanh: "jnp.tanh({x})", graph.Erf: "erf({x})", graph.Atan: "jnp.arctan({x})",
		graph.Sin: "jnp.sin({x})", graph.Cos: "jnp.cos({x})", graph.Detach: "stop_gradient({x})",
		graph.Mean: "jnp.mean({x})", graph.Sum: "jnp.sum({x})", graph.Std: "batch_std({x})", graph.Var: "batch_var({x})",
		graph.BatchMax: "jnp.max({x})", graph.BatchMin: "jnp.min({x})", graph.Sort: "jnp.sort({x})",
	},
	mask:  "jnp.where(%s, 1.0, 0.0)",
	where: "jnp.where(%s, %s, %s)",
}

// jaxFiles writes an objective as a Python file for JAX, and its golden vectors.
func jaxFiles(o Objective) ([]file, error) { return pythonFiles(o, jaxDialect, jaxTemplate()) }
