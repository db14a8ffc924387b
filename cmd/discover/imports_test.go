package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/objdisco/discover/"

// mayImport is the picture of the code: which packages of this module each
// package may import. A name ending in /... stands for everything below it.
// Generators and test data are left out.
var mayImport = map[string][]string{
	"cmd/discover": {"..."},

	"discover":          {"discover/propose", "discover/tune", "evaluator", "sandbox", "sandbox/graph", "sandbox/objective/catalog", "archive", "configs"},
	"discover/llm":      {},
	"discover/propose":  {"discover/propose/...", "discover/llm", "prompts", "sandbox/graph", "sandbox/objective"},
	"discover/tune":     {"sandbox/graph"},
	"discover/simplify": {"discover/propose/rewrite", "evaluator", "evaluator/stats", "sandbox/graph", "sandbox/objective"},
	"prompts":           {},
	"configs":           {},
	"docs":              {},

	"evaluator":        {"evaluator/stats", "sandbox/graph"},
	"evaluator/proxy":  {"evaluator", "evaluator/task", "evaluator/policy", "evaluator/train", "evaluator/kernel", "sandbox/graph"},
	"evaluator/task":   {"evaluator/kernel"},
	"evaluator/policy": {"evaluator/kernel"},
	"evaluator/train":  {"sandbox/graph", "evaluator/kernel"},
	"evaluator/stats":  {},
	"evaluator/kernel": {},

	"sandbox":                   {"sandbox/..."},
	"sandbox/graph":             {},
	"sandbox/objective":         {"sandbox/graph"},
	"sandbox/objective/catalog": {"sandbox/graph", "sandbox/objective", "sandbox/objective/catalog/..."},

	"archive":        {},
	"archive/export": {"archive", "sandbox/graph"},
	"archive/report": {"archive", "sandbox/graph"},
}

// subtrees are rules for packages below a folder that have no rule of their own.
var subtrees = map[string][]string{
	"bench/":                     {"..."},
	"discover/propose/":          {"discover/propose/...", "sandbox/graph", "sandbox/objective"},
	"sandbox/objective/catalog/": {"sandbox/objective"},
	"sandbox/":                   {"sandbox/..."},
}

func TestImportsFollowThePicture(t *testing.T) {
	seen := map[string]bool{}
	for pkg, imports := range moduleImports(t) {
		allowed, ok := ruleFor(pkg)
		if !ok {
			t.Errorf("package %s is not in the picture", pkg)
			continue
		}
		seen[pkg] = true
		for _, imported := range imports {
			if !matches(allowed, imported) {
				t.Errorf("%s imports %s, which the picture does not allow", pkg, imported)
			}
		}
	}
	for pkg := range mayImport {
		if !seen[pkg] {
			t.Errorf("the picture has %s, the module does not", pkg)
		}
	}
}

func ruleFor(pkg string) ([]string, bool) {
	if rule, ok := mayImport[pkg]; ok {
		return rule, true
	}
	best, found := "", false
	for prefix := range subtrees {
		if strings.HasPrefix(pkg, prefix) && len(prefix) > len(best) {
			best, found = prefix, true
		}
	}
	return subtrees[best], found
}

func matches(allowed []string, imported string) bool {
	return slices.ContainsFunc(allowed, func(rule string) bool {
		prefix, tree := strings.CutSuffix(rule, "...")
		return tree && strings.HasPrefix(imported, prefix) || rule == imported
	})
}

// moduleImports returns, for every package of the module, the packages of the
// module that its non-test files import.
func moduleImports(t *testing.T) map[string][]string {
	root := filepath.Join("..", "..")
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == "testdata" || name == "runs" || name == "bench" || strings.HasPrefix(name, ".") && name != ".." {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(rel))
		if f.Name.Name == "main" && pkg != "cmd/discover" {
			return nil // a generator
		}
		imports[pkg] = append(imports[pkg], ownImports(f.Imports)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

func ownImports(specs []*ast.ImportSpec) []string {
	var own []string
	for _, spec := range specs {
		name, err := strconv.Unquote(spec.Path.Value)
		if rel, ok := strings.CutPrefix(name, modulePath); ok && err == nil {
			own = append(own, rel)
		}
	}
	return own
}
