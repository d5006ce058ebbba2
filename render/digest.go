package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// Digest returns 16 hexadecimal digits that stand for a value: for all its fields, also those that have no export, and for all that it
// points to. Two values have the same digest only if nothing tells them apart. What is to have one name for each such value is named by
// its digest, so that no field can be forgotten when one is added.
//
// Equal values have equal digests in every process. A field that is zero or empty does not count, so that names stay while types grow.
// Values must not contain themselves; one that holds a function or a channel is a mistake of the programmer and panics.
func Digest(value any) string {
	sum := sha256.Sum256(appendValue(nil, reflect.ValueOf(value)))
	return hex.EncodeToString(sum[:8])
}

// appendValue writes a value so that it could be read back: each text has its length in front, each list an end.
func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Invalid:
		return append(b, '-')
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return append(strconv.AppendInt(b, v.Int(), 10), ';')
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return append(strconv.AppendUint(b, v.Uint(), 10), ';')
	case reflect.Float32, reflect.Float64:
		return append(strconv.AppendFloat(b, v.Float(), 'g', -1, 64), ';')
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Pointer:
		return appendPointed(append(b, '*'), v)
	case reflect.Interface:
		return appendDynamic(b, v)
	case reflect.Slice, reflect.Array:
		return appendList(b, v)
	case reflect.Map:
		return appendMap(b, v)
	case reflect.Struct:
		return appendStruct(b, v)
	default:
		panic(fmt.Sprintf("render: a value of type %s has no digest", v.Type()))
	}
}

func appendText(b []byte, text string) []byte {
	return append(append(strconv.AppendInt(b, int64(len(text)), 10), ':'), text...)
}

func appendPointed(b []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(b, '-')
	}
	return appendValue(b, v.Elem())
}

// appendDynamic writes what is in an interface with its type: a Name and a text are two things.
func appendDynamic(b []byte, v reflect.Value) []byte {
	if v.IsNil() {
		return append(b, '-')
	}
	return appendValue(appendText(b, v.Elem().Type().String()), v.Elem())
}

func appendList(b []byte, v reflect.Value) []byte {
	b = append(b, '[')
	for i := range v.Len() {
		b = appendValue(b, v.Index(i))
	}
	return append(b, ']')
}

func appendMap(b []byte, v reflect.Value) []byte {
	var entries [][]byte
	for _, key := range v.MapKeys() {
		entries = append(entries, appendValue(appendValue(nil, key), v.MapIndex(key)))
	}
	slices.SortFunc(entries, bytes.Compare)
	return append(append(append(b, '('), bytes.Join(entries, nil)...), ')')
}

// appendStruct writes the names of fields, too, so that those that do not count can be left out.
func appendStruct(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	for i := range v.NumField() {
		if field := v.Field(i); !isEmpty(field) {
			b = appendValue(appendText(b, v.Type().Field(i).Name), field)
		}
	}
	return append(b, '}')
}

func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}
