package conf

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/render/engine"
)

// ExpressionTemplate prints an expression in each place where HAProxy evaluates one.
const ExpressionTemplate = expressionTemplate

// EvaluatedPlace names the statement in which HAProxy evaluates what an action prints; "" of any other.
func EvaluatedPlace(pos engine.Position) string {
	p, ok := pos.(position)
	if !ok || !slices.Contains([]kind{kindFormat, kindLine, kindExpr, kindBackend}, p.kind) {
		return ""
	}
	_, statement, _ := strings.Cut(p.name, " of ")
	statement, _, _ = strings.Cut(statement, "(")
	return statement
}
