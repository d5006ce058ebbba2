package conf

import (
	"slices"
	"strings"

	"github.com/headgate/headgate/render/engine"
)

// ExpressionTemplate prints an expression in each place where nginx evaluates one.
const ExpressionTemplate = expressionTemplate

// EvaluatedPlace names the place of an action where nginx evaluates what is printed; "" of any other.
func EvaluatedPlace(s engine.State, pos engine.Position) string {
	evaluated := []kind{kindText, kindLine, kindHeaderValue, kindRewrite, kindOperand, kindPass, kindGRPCPass}
	at, p := s.(state), pos.(position)
	if !slices.Contains(evaluated, p.kind) || inStream(at.path) {
		return ""
	}
	return at.path[strings.LastIndexByte(at.path, '/')+1:] + ": " + p.name
}
