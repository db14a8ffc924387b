package graphtest

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"

	"github.com/objdisco/discover/sandbox/graph"
	"github.com/objdisco/discover/sandbox/objective"
)

// Trace traces a candidate source that consists of one Loss with assignments of
// method calls to new variables and a return. It knows nothing of how sources
// are printed: names are resolved by reflection on package objective.
func Trace(source string) (*graph.Graph, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "candidate.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == "Loss" {
			return objective.Trace(func(b objective.Batch) objective.Vec { return run(f.Body, b) })
		}
	}
	return nil, fmt.Errorf("no func Loss in %q", source)
}

// functions are those of package objective.
var functions = map[string]reflect.Value{
	"Const": reflect.ValueOf(objective.Const),
	"Param": reflect.ValueOf(objective.Param),
	"Where": reflect.ValueOf(objective.Where),
}

func run(body *ast.BlockStmt, b objective.Batch) objective.Vec {
	env := map[string]reflect.Value{"b": reflect.ValueOf(b)}
	for _, stmt := range body.List {
		switch s := stmt.(type) {
		case *ast.AssignStmt:
			name := s.Lhs[0].(*ast.Ident).Name
			if _, taken := env[name]; taken || s.Tok != token.DEFINE {
				panic(fmt.Sprintf("%s is assigned twice", name))
			}
			env[name] = eval(s.Rhs[0], env)
		case *ast.ReturnStmt:
			return eval(s.Results[0], env).Interface().(objective.Vec)
		}
	}
	panic("no return")
}

func eval(e ast.Expr, env map[string]reflect.Value) reflect.Value {
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := env[e.Name]
		if !ok {
			panic(fmt.Sprintf("%s is not defined", e.Name))
		}
		return v
	case *ast.BasicLit:
		return literal(e)
	case *ast.UnaryExpr:
		return reflect.ValueOf(-literal(e.X.(*ast.BasicLit)).Float())
	case *ast.SelectorExpr:
		return member(e, env)
	case *ast.CallExpr:
		var args []reflect.Value
		for _, a := range e.Args {
			args = append(args, eval(a, env))
		}
		return eval(e.Fun, env).Call(args)[0]
	}
	panic(fmt.Sprintf("%T is not straight-line code", e))
}

func literal(e *ast.BasicLit) reflect.Value {
	if e.Kind == token.STRING {
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			panic(err)
		}
		return reflect.ValueOf(s)
	}
	f, _ := constant.Float64Val(constant.ToFloat(constant.MakeFromLiteral(e.Value, e.Kind, 0)))
	return reflect.ValueOf(f)
}

// member is a field of the batch, a method, or a function of the package.
func member(e *ast.SelectorExpr, env map[string]reflect.Value) reflect.Value {
	if x, ok := e.X.(*ast.Ident); ok && x.Name == "objective" {
		return functions[e.Sel.Name]
	}
	v := eval(e.X, env)
	if m := v.MethodByName(e.Sel.Name); m.IsValid() {
		return m
	}
	return v.FieldByName(e.Sel.Name)
}
