package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headgate/headgate/hack/proxies"
	"github.com/headgate/headgate/model"
)

// listFolder returns the paths of all files below a folder.
func listFolder(t *testing.T, dir string) []string {
	t.Helper()
	files, err := readFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return namesOf(files, nil)
}

func TestOutputFolder(t *testing.T) {
	input, dir := writeTemp(t, "shop.yaml", shop), filepath.Join(t.TempDir(), "golden")
	render := func(code int, args ...string) result {
		t.Helper()
		got := headgate(t, "", append([]string{"render", "-f", input}, args...)...)
		if got.code != code {
			t.Fatalf("exit code %d, want %d: %s%s", got.code, code, got.errout, got.out)
		}
		return got
	}
	render(exitFine, "-o", dir)
	if got := render(exitFine, "--check", dir); got.out != "" {
		t.Errorf("a fresh folder differs:\n%s", got.out)
	}
	own := filepath.Join(dir, "hosts", "own.conf")
	if err := os.WriteFile(own, []byte("# mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := render(exitFindings, "--check", dir); !strings.Contains(got.out, "+++ /dev/null\n@@ -1 +0,0 @@\n-# mine\n") {
		t.Errorf("a file too many is not shown:\n%s", got.out)
	}
	writeOver(t, input, strings.ReplaceAll(shop, "shop.example", "store.example"))
	got := render(exitFindings, "--check", dir)
	for _, want := range []string{
		"--- " + filepath.ToSlash(dir) + "/hosts/shop.example.conf\n+++ /dev/null\n",
		"--- /dev/null\n+++ rendered/hosts/store.example.conf\n", "+    server_name store.example;\n",
	} {
		if !strings.Contains(got.out, want) {
			t.Errorf("no %q in:\n%s", want, got.out)
		}
	}
	if !strings.Contains(got.errout, "3 of the files differ") {
		t.Errorf("no count in: %s", got.errout)
	}
	render(exitFine, "-o", dir)
	names := listFolder(t, dir)
	if slices.Contains(names, "hosts/shop.example.conf") || !slices.Contains(names, "hosts/store.example.conf") {
		t.Errorf("files of the earlier rendering stay, or new ones are missing: %v", names)
	}
	if !slices.Contains(names, "hosts/own.conf") {
		t.Error("a file that headgate did not write was removed")
	}
}

// TestOutputFolderOfOthers has files in the way that headgate did not write.
func TestOutputFolderOfOthers(t *testing.T) {
	input, dir := writeTemp(t, "shop.yaml", shop), t.TempDir()
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte("# mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := headgate(t, "", "render", "-f", input, "-o", dir)
	if got.code != exitIO || !strings.Contains(got.errout, "nginx.conf") || !strings.Contains(got.errout, "--force") {
		t.Errorf("exit code %d, want %d with the file's name: %s", got.code, exitIO, got.errout)
	}
	if names := listFolder(t, dir); len(names) != 1 || readText(t, conf) != "# mine\n" {
		t.Errorf("something was written: %v", names)
	}
	if got := headgate(t, "", "render", "-f", input, "-o", dir, "--force"); got.code != exitFine || readText(t, conf) == "# mine\n" {
		t.Errorf("--force does not overwrite (exit code %d): %s", got.code, got.errout)
	}
	if got := headgate(t, "", "render", "-f", input, "-o", dir); got.code != exitFine {
		t.Errorf("headgate does not know its own files (exit code %d): %s", got.code, got.errout)
	}
	// Without the list the files are still those that would be written.
	if err := os.Remove(filepath.Join(dir, listFile)); err != nil {
		t.Fatal(err)
	}
	if got := headgate(t, "", "render", "-f", input, "-o", dir); got.code != exitFine {
		t.Errorf("equal files are in the way (exit code %d): %s", got.code, got.errout)
	}
}

// TestTheFolderKnowsItsFlags compares with a folder that was written for another proxy.
func TestTheFolderKnowsItsFlags(t *testing.T) {
	input, dir := writeTemp(t, "shop.yaml", shop), filepath.Join(t.TempDir(), "golden")
	if got := headgate(t, "", "render", "-f", input, "--proxy", "haproxy", "-o", dir); got.code != exitFine {
		t.Fatal(got.errout)
	}
	got := headgate(t, "", "render", "-f", input, "--check", dir)
	if want := `was written by "headgate render --proxy=haproxy", and this is "headgate render"`; got.code != exitFindings || !strings.Contains(got.errout, want) {
		t.Errorf("exit code %d, want %d and %s: %s", got.code, exitFindings, want, got.errout)
	}
	if got := headgate(t, "", "render", "-f", input, "--proxy", "haproxy", "--check", dir); got.code != exitFine || strings.Contains(got.errout, "was written") {
		t.Errorf("exit code %d with the same flags: %s", got.code, got.errout)
	}
}

// TestCheckPassesOverWhatIsNoConfiguration has files beside the golden ones.
func TestCheckPassesOverWhatIsNoConfiguration(t *testing.T) {
	input, dir := writeTemp(t, "shop.yaml", shop), filepath.Join(t.TempDir(), "golden")
	if got := headgate(t, "", "render", "-f", input, "-o", dir); got.code != exitFine {
		t.Fatal(got.errout)
	}
	for _, name := range []string{"README.md", "hosts/NOTES.txt", "docs/why.md", ".editorconfig"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("text\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := headgate(t, "", "render", "-f", input, "--check", dir); got.code != exitFine || got.out != "" {
		t.Errorf("exit code %d because of files beside the configuration:\n%s", got.code, got.out)
	}
}

func writeOver(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// TestOutputFolderStaysInside has a list of files and a link that lead out of the folder.
func TestOutputFolderStaysInside(t *testing.T) {
	input, dir := writeTemp(t, "shop.yaml", shop), t.TempDir()
	outside := writeTemp(t, "precious", "stays")
	relative, err := filepath.Rel(dir, outside)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, listFile), []byte(outside+"\n"+relative+"\nhosts/../../x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "hosts")); err != nil {
		t.Fatal(err)
	}
	if got := headgate(t, "", "render", "-f", input, "-o", dir); got.code != exitIO {
		t.Errorf("exit code %d for a folder with a link that leads out of it: %s", got.code, got.errout)
	}
	if entries, err := os.ReadDir(filepath.Dir(outside)); err != nil || len(entries) != 1 || readText(t, outside) != "stays" {
		t.Errorf("something outside the folder was changed: %v, %v", entries, err)
	}
}

func TestSecretsStayAway(t *testing.T) {
	certificate, err := newSelfSigned(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	input := writeTemp(t, "shop.yaml", tlsShop(string(certificate)))
	key := strings.Split(string(certificate[strings.Index(string(certificate), "PRIVATE KEY"):]), "\n")[1]
	dir := filepath.Join(t.TempDir(), "out")
	for _, tt := range []struct {
		args        []string
		key, marker bool
	}{
		{args: nil},
		{args: []string{"-o", dir}},
		{args: []string{"--secrets", "placeholder"}, marker: true},
		{args: []string{"--secrets", "placeholder", "-o", dir}, marker: true},
		{args: []string{"--secrets", "write", "-o", dir}, key: true, marker: true},
		{args: []string{"--check", dir}},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			got := headgate(t, "", append([]string{"render", "-f", input}, tt.args...)...)
			if got.code != exitFine {
				t.Fatalf("exit code %d: %s%s", got.code, got.errout, got.out)
			}
			text := got.out + got.errout
			if strings.Contains(text, key) {
				t.Fatal("the key is printed")
			}
			if slices.Contains(tt.args, "-o") {
				text = ""
				files, err := readFolder(dir)
				if err != nil {
					t.Fatal(err)
				}
				for _, data := range files {
					text += data
				}
			}
			if strings.Contains(text, key) != tt.key || strings.Contains(text, "PRIVATE KEY") != tt.marker {
				t.Errorf("key there: %t, want %t; key material there: %t, want %t", strings.Contains(text, key), tt.key,
					strings.Contains(text, "PRIVATE KEY"), tt.marker)
			}
		})
	}
}

// tlsShop is the shop with a certificate for its host.
func tlsShop(pem string) string {
	indented := "    " + strings.ReplaceAll(strings.TrimSpace(pem), "\n", "\n    ")
	return strings.Replace(strings.ReplaceAll(shop, "shop.example", selfSignedName), "  rules:",
		"  tls: [{hosts: ["+selfSignedName+"], secretName: shop-tls}]\n  rules:", 1) +
		"---\napiVersion: v1\nkind: Secret\nmetadata: {name: shop-tls, namespace: shop}\ntype: kubernetes.io/tls\nstringData:\n" +
		"  tls.crt: |\n" + indented + "\n  tls.key: |\n" + indented + "\n"
}

// TestPlaceholderPassesTheCheck has the real nginx read a rendering without any secret.
func TestPlaceholderPassesTheCheck(t *testing.T) {
	certificate, err := newSelfSigned(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	input := writeTemp(t, "shop.yaml", tlsShop(string(certificate)))
	for _, binary := range proxies.Nginx(t) {
		t.Run(binary.Version, func(t *testing.T) {
			dir := t.TempDir()
			got := headgate(t, "", "render", "-f", input, "-o", dir, "--secrets", "placeholder", "--proxy-version", binary.Version,
				"--http-port", "18080", "--https-port", "18443")
			if got.code != exitFine {
				t.Fatalf("exit code %d: %s", got.code, got.errout)
			}
			if err := os.Mkdir(filepath.Join(dir, "run"), 0o700); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(binary.Path, "-t", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf")).CombinedOutput()
			if err != nil {
				t.Errorf("nginx -t: %v\n%s", err, out)
			}
		})
	}
}

// TestCheckWith asks the real nginx about a good rendering and about one with a template that it does not like.
func TestCheckWith(t *testing.T) {
	input := writeTemp(t, "shop.yaml", shop)
	templates := t.TempDir()
	if err := os.Mkdir(filepath.Join(templates, "nginx"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(templates, "nginx", "headers.tmpl"), []byte("no_such_directive on;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, binary := range proxies.Nginx(t) {
		t.Run(binary.Version, func(t *testing.T) {
			args := []string{"-f", input, "--check-with", binary.Path, "--proxy-version", binary.Version, "--http-port", "18080", "--https-port", "18443"}
			if got := headgate(t, "", append([]string{"render"}, args...)...); got.code != exitFine {
				t.Errorf("exit code %d for a good rendering: %s", got.code, got.errout)
			}
			got := headgate(t, "", append([]string{"lint", "--templates", templates}, args...)...)
			if got.code != exitRefused || !strings.Contains(got.out, `headers.conf:1: error[6001 check-refused]`) {
				t.Errorf("exit code %d for a template that nginx refuses: %s%s", got.code, got.out, got.errout)
			}
		})
	}
}

func TestKeptSessionKey(t *testing.T) {
	dir := t.TempDir()
	first, err := keptSessionKey(dir)
	if err != nil || len(first) < minSessionKey {
		t.Fatalf("a key of %d bytes, %v", len(first), err)
	}
	if again, err := keptSessionKey(dir); err != nil || !slices.Equal(first, again) {
		t.Errorf("a restart changes the key (%v)", err)
	}
	given, err := readSessionKey(writeTemp(t, "key", "0123456789abcdef\n"))
	if err != nil || !slices.Equal(given, []byte("0123456789abcdef")) {
		t.Errorf("a given key of %d bytes, %v", len(given), err)
	}
}

// TestStandInReachesEverySecret fills a Config with secrets and looks for any that is left: new kinds of key material must not be
// forgotten.
func TestStandInReachesEverySecret(t *testing.T) {
	cfg := &model.Config{}
	fill(reflect.ValueOf(cfg).Elem(), 0)
	if secrets := find(reflect.ValueOf(cfg).Elem()); !slices.Contains(secrets, "secret") {
		t.Fatal("the Config holds no secrets at all")
	}
	standIn(cfg)
	if secrets := find(reflect.ValueOf(cfg).Elem()); slices.Contains(secrets, "secret") {
		t.Error("standIn leaves a secret in the Config")
	}
}

var (
	secretType = reflect.TypeFor[model.Secret]()
	// The secret of an Affinity is made of what the operator says, not read from the input.
	affinityType = reflect.TypeFor[model.Affinity]()
)

// fill puts one element into every slice, something behind every pointer, and key material into every Secret.
func fill(v reflect.Value, depth int) {
	switch {
	case depth > 12 || !v.CanSet() || v.Type() == affinityType:
	case v.Type() == secretType:
		v.SetBytes([]byte("secret"))
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, depth+1)
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	}
}

// find returns the text of every Secret.
func find(v reflect.Value) []string {
	var found []string
	switch {
	case v.Type() == secretType:
		return []string{string(v.Bytes())}
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			found = append(found, find(field)...)
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return find(v.Elem())
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			found = append(found, find(v.Index(i))...)
		}
	}
	return found
}

func TestKeptCertificate(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first, err := keptCertificate(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, selfSignedFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, want 0600 (%v)", info.Mode(), err)
	}
	again, err := keptCertificate(dir, now.Add(time.Hour))
	if err != nil || !slices.Equal(first.Chain, again.Chain) || !slices.Equal(first.Key, again.Key) {
		t.Errorf("a restart changes the certificate (%v)", err)
	}
	late, err := keptCertificate(dir, now.Add(selfSignedLife-time.Hour))
	if err != nil || slices.Equal(first.Chain, late.Chain) {
		t.Errorf("a certificate that is about to expire stays in use (%v)", err)
	}
	if err := os.WriteFile(filepath.Join(dir, selfSignedFile), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if mended, err := keptCertificate(dir, now); err != nil || len(mended.Key) == 0 {
		t.Errorf("a broken file is not replaced (%v)", err)
	}
}
