package introspection

import v1 "github.com/vito/dang/pkg/introspection"

type Response = v1.Response
type Schema = v1.Schema

const TypeKindNonNull = v1.TypeKindNonNull
const TypeKindObject = v1.TypeKindObject

type TypeRef = v1.TypeRef
