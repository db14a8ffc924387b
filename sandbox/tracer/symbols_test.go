package tracer

import (
	"go/types"
	"reflect"
	"slices"
	"testing"

	"github.com/objdisco/discover/sandbox/objective"
	"github.com/objdisco/discover/sandbox/stub"
)

// TestSymbolsEqualStub holds what the interpreter offers against what the type
// checker believes: the same names, each with the same type.
func TestSymbolsEqualStub(t *testing.T) {
	for path, symbols := range map[string]map[string]reflect.Value{"objective": objectiveSymbols, "math": mathSymbols} {
		scope := imported(t, path).Scope()
		var want []string
		for _, name := range scope.Names() {
			if _, constant := scope.Lookup(name).(*types.Const); !constant {
				want = append(want, name)
			}
		}
		var got []string
		for name, value := range symbols {
			got = append(got, name)
			if fn, ok := scope.Lookup(name).(*types.Func); ok {
				compareTypes(t, path+"."+name, value.Type(), fn.Type())
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: symbols %v, stub %v", path, got, want)
		}
	}
}

func imported(t *testing.T, path string) *types.Package {
	pkg, err := stub.Importer{}.Import(path)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// TestStubEqualsObjective holds fields and methods of the stub's types against
// the real ones.
func TestStubEqualsObjective(t *testing.T) {
	scope := imported(t, "objective").Scope()
	for name, real := range map[string]reflect.Type{"Vec": reflect.TypeFor[objective.Vec](), "Batch": reflect.TypeFor[objective.Batch]()} {
		stubbed := scope.Lookup(name).Type()
		methods := types.NewMethodSet(stubbed)
		if methods.Len() != real.NumMethod() {
			t.Errorf("%s has %d methods in the stub, %d in the package", name, methods.Len(), real.NumMethod())
		}
		for i := range real.NumMethod() {
			m := real.Method(i)
			sel := methods.Lookup(nil, m.Name)
			if sel == nil {
				t.Errorf("the stub lacks %s.%s", name, m.Name)
				continue
			}
			compareTypes(t, name+"."+m.Name, real.Method(i).Type, withReceiver(stubbed, sel.Type().(*types.Signature)))
		}
	}
	fields := scope.Lookup("Batch").Type().Underlying().(*types.Struct)
	for i, f := range reflect.VisibleFields(reflect.TypeFor[objective.Batch]()) {
		if i >= fields.NumFields() || fields.Field(i).Name() != f.Name {
			t.Errorf("the stub lacks Batch.%s at %d", f.Name, i)
			continue
		}
		compareTypes(t, "Batch."+f.Name, f.Type, fields.Field(i).Type())
	}
}

func withReceiver(receiver types.Type, sig *types.Signature) *types.Signature {
	params := []*types.Var{types.NewParam(0, nil, "", receiver)}
	for i := range sig.Params().Len() {
		params = append(params, sig.Params().At(i))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
}

// compareTypes compares a real type with one of the stub by how they are written.
func compareTypes(t *testing.T, what string, real reflect.Type, stubbed types.Type) {
	t.Helper()
	got := types.TypeString(unnamed(stubbed), func(p *types.Package) string { return p.Name() })
	if want := real.String(); got != want {
		t.Errorf("%s: stub has %s, package has %s", what, got, want)
	}
}

// unnamed drops the names of parameters, which reflection does not know.
func unnamed(t types.Type) types.Type {
	sig, ok := t.(*types.Signature)
	if !ok {
		return t
	}
	drop := func(tuple *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for i := range tuple.Len() {
			vars = append(vars, types.NewParam(0, nil, "", tuple.At(i).Type()))
		}
		return types.NewTuple(vars...)
	}
	return types.NewSignatureType(nil, nil, nil, drop(sig.Params()), drop(sig.Results()), sig.Variadic())
}
