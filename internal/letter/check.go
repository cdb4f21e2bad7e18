package letter

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"
)

// Check refuses a letter that lacks something its text needs, or whose links
// lead elsewhere than to the deployment. It names every such field, for the
// log: a letter that fails it is a defect of whoever filled it.
func Check(l Letter) error {
	c := checker{base: l.frame().Base}
	v := reflect.ValueOf(l)
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("letter %s: %T is not a letter by value", l.Kind(), l)
	}
	c.structure(v, "")
	if !strings.HasPrefix(c.base, "http://") && !strings.HasPrefix(c.base, "https://") || strings.HasSuffix(c.base, "/") {
		c.problem("Base", "is no address like https://host")
	}
	if x, ok := l.(interface{ lacks() string }); ok && x.lacks() != "" {
		c.problem(x.lacks(), "is missing")
	}
	if len(c.problems) == 0 {
		return nil
	}
	sort.Strings(c.problems)
	return fmt.Errorf("letter %s: %s", l.Kind(), strings.Join(c.problems, ", "))
}

type checker struct {
	base     string
	problems []string
}

func (c *checker) problem(field, what string) {
	c.problems = append(c.problems, field+" "+what)
}

func (c *checker) structure(v reflect.Value, path string) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		name := strings.TrimPrefix(path+"."+field.Name, ".")
		if field.Anonymous {
			name = path
		}
		c.value(v.Field(i), name, field.Tag.Get("letter") == "optional")
	}
}

// value checks one field. Flags and points may be zero; everything else that
// is not optional must say something.
func (c *checker) value(v reflect.Value, name string, optional bool) {
	switch x := v.Interface().(type) {
	case *time.Location:
		c.present(x != nil, name, optional)
		return
	case time.Time:
		c.present(!x.IsZero(), name, optional)
		return
	case Points:
		return
	case Link:
		c.link(x, name, optional)
		return
	}
	switch v.Kind() {
	case reflect.String:
		c.present(inline(v.String()) != "", name, optional)
	case reflect.Int:
		c.present(v.Int() > 0, name, optional && v.Int() == 0)
	case reflect.Slice:
		c.present(v.Len() > 0, name, optional)
		for i := range v.Len() {
			c.value(v.Index(i), fmt.Sprintf("%s[%d]", name, i), false)
		}
	case reflect.Pointer:
		c.present(!v.IsNil(), name, optional)
		if !v.IsNil() {
			c.value(v.Elem(), name, false)
		}
	case reflect.Struct:
		c.structure(v, name)
	}
}

func (c *checker) present(ok bool, name string, optional bool) {
	if !ok && !optional {
		c.problem(name, "is missing")
	}
}

func (c *checker) link(l Link, name string, optional bool) {
	if l == "" {
		c.present(false, name, optional)
		return
	}
	if !strings.HasPrefix(string(l), c.base+"/") || strings.ContainsAny(string(l), " \t\r\n<>\\") {
		c.problem(name, "leads away from "+c.base)
	}
}
