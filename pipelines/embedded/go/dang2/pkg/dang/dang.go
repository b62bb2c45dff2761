package dang

import v1 "github.com/vito/dang/pkg/dang"

const BindingOriginLocal = v1.BindingOriginLocal

type BoolValue = v1.BoolValue
type ConstructorFunction = v1.ConstructorFunction

var ContextWithImportConfigs = v1.ContextWithImportConfigs
var CreateOverlayValueScope = v1.CreateOverlayValueScope
var DeclareDir = v1.DeclareDir

type DirectiveApplication = v1.DirectiveApplication

const EnumKind = v1.EnumKind

type EnumValue = v1.EnumValue

var EvalNode = v1.EvalNode
var EvaluateFormsWithPhases = v1.EvaluateFormsWithPhases

type FieldDecl = v1.FieldDecl
type FunCall = v1.FunCall
type GraphQLFunction = v1.GraphQLFunction
type GraphQLValue = v1.GraphQLValue
type ImportConfig = v1.ImportConfig
type IntValue = v1.IntValue

const InterfaceKind = v1.InterfaceKind

type Keyed[X any] = v1.Keyed[X]
type ListType = v1.ListType
type ListValue = v1.ListValue
type MapType = v1.MapType
type MapValue = v1.MapValue

var NewObject = v1.NewObject

type Node = v1.Node
type NullValue = v1.NullValue
type Object = v1.Object

const PrivateVisibility = v1.PrivateVisibility
const PublicVisibility = v1.PublicVisibility

type Record = v1.Record
type RecordType = v1.RecordType

var RunDir = v1.RunDir

const ScalarKind = v1.ScalarKind

type ScalarValue = v1.ScalarValue
type Select = v1.Select

var StringType = v1.StringType

type StringValue = v1.StringValue
type Symbol = v1.Symbol
type Type = v1.Type
type TypeScope = v1.TypeScope
type Value = v1.Value
type ValueNode = v1.ValueNode
type ValueScope = v1.ValueScope
