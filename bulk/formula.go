package bulk

import (
	"strings"

	"example.com/customer"
)

// A spreadsheet takes a cell that begins with one of these for a formula.
const formulaStarts = "=+@\t\r-"

// isFormula reports a cell that a spreadsheet would compute once apostrophes are taken off.
func isFormula(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.IndexByte(formulaStarts, rest[0]) >= 0
}

// guard puts an apostrophe before a cell that is a formula, apostrophes before it or not, so that unguard is exact.
func guard(cell string) string {
	if isFormula(cell) {
		return "'" + cell
	}
	return cell
}

// guardPhone leaves the + of a legal phone alone: its characters make no formula that does more than add.
func guardPhone(cell string) string {
	if !isFormula(cell) {
		return cell
	}
	c, err := customer.Draft{Phone: cell}.Build(customer.ID{1}, someTime)
	if err == nil && c.Phone == cell {
		return cell
	}
	return "'" + cell
}

// unguard undoes guard. The apostrophe is the first byte of all that it was put before.
func unguard(cell string) string {
	if cell != "" && cell[0] == '\'' && isFormula(cell) {
		return cell[1:]
	}
	return cell
}
