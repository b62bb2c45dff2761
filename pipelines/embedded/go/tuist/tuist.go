// Package tuist declares the part of a terminal-widget API that Dagger's
// interactive front end links against. It draws nothing: Start returns an
// error, so the CLI is to be run with a line-based progress mode.
package tuist

import (
	"context"
	"errors"
	"io"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
)

var errNoTUI = errors.New("this build has no interactive terminal UI; use --progress=plain")

type Context struct {
	context.Context
	Width, Height int
}

func (Context) Line(string)               {}
func (Context) Lines(...string)           {}
func (c Context) Resize(w, h int) Context { return c }
func (Context) ScreenHeight() int         { return 0 }
func (Context) SetFocus(Component)        {}

type Component interface{ Render(Context) }
type Focusable interface{ SetFocused(Context, bool) }
type Interactive interface {
	HandleKeyPress(Context, uv.KeyPressEvent) bool
}
type Mounter interface{ OnMount(Context) }
type Dismounter interface{ OnDismount() }
type Hoverable interface{ SetHovered(Context, bool) }
type MouseEnabled interface {
	HandleMouse(Context, MouseEvent) bool
}
type MouseEvent struct {
	uv.MouseEvent
	Row, Col int
}

type Compo struct{}

func (*Compo) Update()                                           {}
func (*Compo) RenderChild(Context, Component)                    {}
func (*Compo) RenderChildInline(Context, Component) string       { return "" }
func (*Compo) RenderChildResult(Context, Component) RenderResult { return RenderResult{} }

type RenderResult struct{ Lines []string }

type Container struct {
	Compo
	Children []Component
}

func (*Container) Render(Context)        {}
func (*Container) AddChild(Component)    {}
func (*Container) RemoveChild(Component) {}

type Spinner struct {
	Compo
	Epoch time.Time
	Style func(string) string
}

func NewSpinner() *Spinner      { return &Spinner{} }
func (*Spinner) Render(Context) {}

type TextInput struct {
	Compo
	Prompt         string
	OnSubmit       func(Context, string) bool
	KeyInterceptor func(Context, uv.KeyPressEvent) bool
}

func NewTextInput(string) *TextInput { return &TextInput{} }
func (*TextInput) Render(Context)    {}
func (*TextInput) Value() string     { return "" }
func (*TextInput) SetValue(string)   {}
func (*TextInput) InsertRune(rune)   {}
func (*TextInput) CursorEnd()        {}

type Completion struct{ Label, Detail, Documentation, DisplayLabel, Kind, InsertText string }
type CompletionResult struct {
	Items       []Completion
	ReplaceFrom int
}
type CompletionMenu struct{ Compo }

func NewCompletionMenu(*TextInput, func(string, int) CompletionResult) *CompletionMenu {
	return &CompletionMenu{}
}
func (*CompletionMenu) HandleKeyPress(Context, uv.KeyPressEvent) bool { return false }
func (*CompletionMenu) Hide()                                         {}

type SizeValue int
type Anchor int

const AnchorTopRight Anchor = 1

func SizeAbs(n int) SizeValue { return SizeValue(n) }

type OverlayMargin struct{ Top, Right, Bottom, Left int }
type OverlayOptions struct {
	Width  SizeValue
	Anchor Anchor
	Margin OverlayMargin
}
type OverlayHandle struct{}

func (*OverlayHandle) Remove() {}

type Terminal struct{}

func NewStdTerminal() *Terminal { return &Terminal{} }

type TUI struct{ Container }

func New(*Terminal) *TUI                                               { return &TUI{} }
func (*TUI) Start() error                                              { return errNoTUI }
func (*TUI) Stop()                                                     {}
func (*TUI) Dispatch(fn func())                                        { fn() }
func (*TUI) SetFocus(Component)                                        {}
func (*TUI) SetShowHardwareCursor(bool)                                {}
func (*TUI) SetDebugWriter(io.Writer)                                  {}
func (*TUI) RequestRender(bool)                                        {}
func (*TUI) RenderLines() []string                                     { return nil }
func (*TUI) ShowOverlay(Component, *OverlayOptions) *OverlayHandle     { return &OverlayHandle{} }
func (*TUI) Exec(fn func(io.Reader, io.Writer, io.Writer) error) error { return errNoTUI }
