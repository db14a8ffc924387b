package gate

import (
	"go/ast"
	"go/token"
	"go/types"
)

// describe names a construct as a Go programmer would.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "go"
	case *ast.DeferStmt:
		return "defer"
	case *ast.SelectStmt:
		return "select"
	case *ast.SendStmt:
		return "channel send"
	case *ast.LabeledStmt:
		return "label"
	case *ast.TypeSwitchStmt:
		return "type switch"
	case *ast.StarExpr:
		return "pointer"
	case *ast.TypeAssertExpr:
		return "type assertion"
	case *ast.SliceExpr:
		return "slice expression"
	case *ast.IndexListExpr:
		return "type arguments"
	case *ast.KeyValueExpr:
		return "key: value"
	default:
		return describeType(n)
	}
}

func describeType(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MapType:
		return "map"
	case *ast.ChanType:
		return "channel"
	case *ast.InterfaceType:
		return "interface"
	case *ast.StructType:
		return "struct"
	case *ast.FuncType:
		return "function type"
	case *ast.ArrayType:
		return "slice type"
	case *ast.Ellipsis:
		return "..."
	case *ast.IndexExpr:
		return "an indexed value"
	case *ast.SelectorExpr, *ast.Ident:
		return "type " + types.ExprString(n.(ast.Expr))
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return "pointer"
		}
	}
	return "this construct"
}
