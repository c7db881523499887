package config

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"coppice/internal/druid"
)

// allBlocks visits every block of the language.
func allBlocks(visit func(path string, b *Block)) {
	var walk func(path string, b *Block)
	walk = func(path string, b *Block) {
		visit(path, b)
		for _, inner := range b.Blocks {
			walk(path+"."+inner.Name, inner)
		}
	}
	for _, b := range slices.Concat(Language().Blocks, TestLanguage().Blocks) {
		walk(b.Name, b)
	}
}

// goTypes is what each kind promises in its comment.
var goTypes = map[Kind]reflect.Type{
	KindText: reflect.TypeFor[string](), KindSensitive: reflect.TypeFor[Secret](), KindURL: reflect.TypeFor[string](),
	KindBool: reflect.TypeFor[bool](), KindWhole: reflect.TypeFor[int64](), KindPercent: reflect.TypeFor[float64](),
	KindLength: reflect.TypeFor[druid.Period](), KindLengthOrWord: reflect.TypeFor[*druid.Period](),
	KindRulePeriod: reflect.TypeFor[druid.Period](), KindInterval: reflect.TypeFor[druid.Interval](),
	KindIntervals: reflect.TypeFor[[]druid.Interval](), KindDate: reflect.TypeFor[druid.Instant](),
	KindSize: reflect.TypeFor[int64](), KindReplicants: reflect.TypeFor[druid.Replicants](),
	KindInstant: reflect.TypeFor[druid.Instant](), KindTexts: reflect.TypeFor[[]string](),
	KindPatterns: reflect.TypeFor[[]string](), KindObject: reflect.TypeFor[map[string]json.RawMessage](),
	KindRuleJSON: reflect.TypeFor[druid.Rule](),
}

func TestEveryKindHasItsConverterAndItsName(t *testing.T) {
	const deferred = 4
	if len(converters) != len(goTypes) || len(kindNames) != len(goTypes)+deferred+1 {
		t.Errorf("%d converters, %d names, %d kinds", len(converters), len(kindNames), len(goTypes))
	}
	for kind := range goTypes {
		if converters[kind] == nil || kind.String() == "invalid" {
			t.Errorf("kind %d has no converter or no name", kind)
		}
	}
}

// The example of every attribute is what the decoder takes, and becomes the type that its kind promises.
func TestExamplesOfTheLanguageAreTaken(t *testing.T) {
	env := Options{Env: func(string) (string, bool) { return "x", true }}
	allBlocks(func(path string, b *Block) {
		for _, a := range b.Attributes {
			t.Run(path+"."+a.Name, func(t *testing.T) {
				d := &decoder{language: Language(), functions: functionsWith(env.Env), files: map[string][]byte{}}
				d.scope = &scope{functions: d.functions}
				file, ok := d.parse("a.hcl", []byte(pasted(&a)+"\n"))
				if !ok {
					t.Fatalf("example: %s", rendered(d.list))
				}
				s := &section{damaged: true}
				d.read(&Block{Name: b.Name, Attributes: []Attribute{a}}, file.body, s)
				if len(d.list) > 0 {
					t.Fatalf("example has messages:\n%s", rendered(d.list))
				}
				if _, ok := s.expression(a.Name); a.Kind.deferred() {
					if !ok {
						t.Error("no expression")
					}
					return
				}
				if got := reflect.TypeOf(s.values[a.Name].data); got != goTypes[a.Kind] {
					t.Errorf("value is a %v, want %v", got, goTypes[a.Kind])
				}
				if a.Default != nil && reflect.TypeOf(a.Default) != goTypes[a.Kind] {
					t.Errorf("default is a %T, want %v", a.Default, goTypes[a.Kind])
				}
			})
		}
	})
}

func TestTheLanguageIsDescribed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
	seen := 0
	allBlocks(func(path string, b *Block) {
		seen += len(b.Attributes)
		if b.Meaning == "" || !name.MatchString(b.Name) {
			t.Errorf("block %s: meaning %q", path, b.Meaning)
		}
		for _, a := range b.Attributes {
			if a.Meaning == "" || a.Example == "" || !name.MatchString(a.Name) {
				t.Errorf("attribute %s.%s: meaning %q, example %q", path, a.Name, a.Meaning, a.Example)
			}
			if a.Required && a.Default != nil {
				t.Errorf("attribute %s.%s is required and has a default", path, a.Name)
			}
		}
		for _, r := range b.Refused {
			if r.Why == "" || b.attribute(r.Name) != nil || b.block(r.Name) != nil {
				t.Errorf("refusal %s.%s: why %q, or the name is taken too", path, r.Name, r.Why)
			}
		}
	})
	if seen < 60 {
		t.Errorf("%d attributes in the table, want the whole language", seen)
	}
}
