// Package midterm keeps log text for Dagger's interactive front end as plain
// lines: no cursor movement, colours or search.
package midterm

import (
	"io"
	"strings"
)

type Format struct{ reset bool }

var Reset = Format{reset: true}

func (Format) Render() string { return "\x1b[0m" }

type SearchMatch struct{ Row, Col, Len int }

type Terminal struct {
	AutoResizeX   bool
	Content       [][]rune
	SearchMatches []SearchMatch
	text          strings.Builder
}

func NewAutoResizingTerminal() *Terminal            { return &Terminal{} }
func (t *Terminal) Write(p []byte) (int, error)     { return t.text.Write(p) }
func (t *Terminal) ResizeX(int)                     {}
func (t *Terminal) UsedHeight() int                 { return strings.Count(t.text.String(), "\n") }
func (t *Terminal) String() string                  { return t.text.String() }
func (t *Terminal) Search(string) int               { return 0 }
func (t *Terminal) SearchClear()                    {}
func (t *Terminal) SearchSetCurrent(int) (int, int) { return 0, 0 }
func (t *Terminal) SearchMatchRows() []int          { return nil }
func (t *Terminal) line(row int) string {
	lines := strings.Split(t.text.String(), "\n")
	if row < 0 || row >= len(lines) {
		return ""
	}
	return lines[row]
}
func (t *Terminal) RenderLine(w io.Writer, row int) error {
	_, err := io.WriteString(w, t.line(row))
	return err
}
func (t *Terminal) RenderLineFgBg(w io.Writer, row int, fg, bg any) error {
	return t.RenderLine(w, row)
}
