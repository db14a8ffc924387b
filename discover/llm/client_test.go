package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Bodies that say the same in the ways of different servers.
func TestRepliesOfManyServers(t *testing.T) {
	const text = "a \"quoted\"\nreply"
	q := quote(text)
	chunk := func(delta, finish string) string {
		return `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + "}]}\n\n"
	}
	stream := chunk(`{"role":"assistant"}`, "null") + chunk(`{"content":"a \"quoted\""}`, "null") + chunk(`{"content":"\nreply"}`, "null")
	usage := `data: {"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":10}}` + "\n\n"
	known := Usage{1, 20, 10, 0, 0}
	guess := Usage{1, 6 + 8 + 4 + 8, 6, 0, 0} // 17, 10 and 16 bytes, 8 tokens for each message
	tests := []struct {
		name, body string
		finish     string
		usage      Usage
	}{
		{"OpenAI", `{"choices":[{"index":0,"message":{"role":"assistant","content":` + q + `,"refusal":null},"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":0}}}`, "stop", known},
		{"no finish reason, no usage", `{"choices":[{"message":{"content":` + q + `},"finish_reason":null}],"usage":{"prompt_tokens":0,"completion_tokens":0}}`, "", guess},
		{"usage is null", `{"choices":[{"message":{"content":` + q + `}}],"usage":null}`, "", guess},
		{"usage is nonsense", `{"choices":[{"message":{"content":` + q + `}}],"usage":{"prompt_tokens":-5,"completion_tokens":-1e99}}`, "", guess},
		{"only the prompt is counted", `{"choices":[{"message":{"content":` + q + `}}],"usage":{"prompt_tokens":20}}`, "", Usage{1, 20, 6, 0, 0}},
		{"only the text is counted", `{"choices":[{"message":{"content":` + q + `}}],"usage":{"completion_tokens":10}}`, "", Usage{1, guess.InputTokens, 10, 0, 0}},
		{"time as float, id as number, code as null", `{"id":7,"created":1.7e9,"error":null,"choices":[{"index":"0","message":{"content":` + q + `},"finish_reason":"stop"}]}`, "stop", guess},
		{"content in parts", `{"choices":[{"message":{"content":[{"type":"text","text":"a \"quoted\"\n"},{"type":"text","text":"reply"}]},"finish_reason":"stop"}]}`, "stop", guess},
		{"all in the reasoning", `{"choices":[{"message":{"content":null,"reasoning_content":` + q + `},"finish_reason":"stop"}]}`, "stop", guess},
		{"all in the reasoning, as vLLM and Ollama name it", `{"choices":[{"message":{"content":"","reasoning":` + q + `},"finish_reason":"stop"}]}`, "stop", guess},
		{"old completion", `{"choices":[{"text":` + q + `,"finish_reason":"stop"}]}`, "stop", guess},
		{"n is ignored", `{"choices":[{"index":0,"message":{"content":` + q + `},"finish_reason":"stop"},{"index":1,"message":{"content":"other"},"finish_reason":"length"}]}`, "stop", guess},
		{"n is ignored, choices without an index", `{"choices":[{"message":{"content":` + q + `},"finish_reason":"stop"},{"message":{"content":"other"},"finish_reason":"length"}]}`, "stop", guess},
		{"data behind", "\n\n  {\"choices\":[{\"message\":{\"content\":" + q + "}}]}\n[DONE]\n", "", guess},
		{"stream", stream + chunk(`{}`, `"stop"`) + usage + "data: [DONE]\n\n", "stop", known},
		{"stream without [DONE]", stream + chunk(`{}`, `"stop"`), "stop", guess},
		{"stream without an end", strings.TrimSpace(stream), "", guess},
		{"stream with comments and CRLF", ": processing\r\n\r\n" + strings.ReplaceAll(stream, "\n", "\r\n"), "", guess},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serve(t, Config{}, write(200, test.body), func(t *testing.T, s *server) {
				got, err := s.ask()
				if err != nil {
					t.Fatal(err)
				}
				want := Reply{Text: text, Finish: test.finish, Model: "some-model", Usage: test.usage, Estimated: test.usage.InputTokens == guess.InputTokens}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("reply (-want +got):\n%s", diff)
				}
				if len(s.seen()) != 1 {
					t.Errorf("%d requests", len(s.seen()))
				}
			})
		})
	}
}

// A server that reads the JSON of a reply by itself may send it as it is.
func TestContentIsAnObject(t *testing.T) {
	serve(t, Config{}, write(200, `{"choices":[{"message":{"content":{"name": "n", "code": "func Loss() {}"}},"finish_reason":"stop"}]}`), func(t *testing.T, s *server) {
		got, err := s.ask()
		if err != nil || got.Text != `{"name": "n", "code": "func Loss() {}"}` {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// A reply of nothing but choices does not take all memory: several may come at once.
func TestManyChoices(t *testing.T) {
	body := []byte(`{"choices":[{"message":{"content":"ok"}}` + strings.Repeat(",{}", 1<<20) + `],"usage":{"prompt_tokens":7}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := decodeReply(body)
	runtime.ReadMemStats(&after)
	if err != nil || got.text != "ok" || got.input != 7 {
		t.Errorf("%+v, %v", got, err)
	}
	if made := after.TotalAlloc - before.TotalAlloc; made > 20*uint64(len(body)) {
		t.Errorf("%d MiB were allocated for a reply of %d", made>>20, len(body)>>20)
	}
}

// A reply that is whole when its connection breaks has arrived.
func TestWholeReplyOfABrokenConnection(t *testing.T) {
	const whole = `{"choices":[{"message":{"content":"ok"},"finish_reason":"stop"}]}`
	chunk := func(finish string) string {
		return `data: {"choices":[{"delta":{"content":"ok"},"finish_reason":` + finish + "}]}\n\n"
	}
	tests := map[string]struct {
		part string
		ok   bool
	}{
		"whole":             {whole, true},
		"half":              {whole[:40], false},
		"error":             {`{"error":"lost the GPU"}`, false},
		"stream":            {chunk(`"stop"`), true},
		"half of a stream":  {chunk("null"), false},
		"no finish reason":  {`{"choices":[{"message":{"content":"ok"}}]}`, false},
		"nothing in a body": {"", false},
		"nothing said":      {`{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}`, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, n int) {
				if n == 0 {
					drop(w, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"+test.part)
					return
				}
				answer(w, "ok")
			}, func(t *testing.T, s *server) {
				got, err := s.ask()
				if err != nil || got.Text != "ok" || (len(s.seen()) == 1) != test.ok || (s.lost.Calls == 0) != test.ok {
					t.Errorf("%+v, %v after %d requests, lost %+v", got, err, len(s.seen()), s.lost)
				}
			})
		})
	}
}

// A reply that cost tokens but says nothing is a reply: it is not bought again.
func TestPaidSilenceIsKept(t *testing.T) {
	serve(t, Config{}, write(200, `{"choices":[{"message":{"content":""},"finish_reason":"length"}],"usage":{"prompt_tokens":4096,"completion_tokens":0}}`), func(t *testing.T, s *server) {
		got, err := s.ask()
		if err != nil || got.Text != "" || got.Finish != "length" || got.Usage.InputTokens != 4096 || len(s.seen()) != 1 {
			t.Errorf("%+v, %v after %d requests", got, err, len(s.seen()))
		}
	})
}

// Errors that will not change end a call at once, with a hint.
func TestStops(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   Kind
		reason string
	}{
		{"wrong key", 401, `{"error":{"message":"Incorrect API key provided: sk-pl***90.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`, WrongKey, "Incorrect API key provided"},
		{"error is a string", 401, `{"error":"Unauthorized"}`, WrongKey, "Unauthorized"},
		{"forbidden page", 403, "<html><head><title>403 Forbidden</title></head></html>", WrongKey, "a web page titled 403 Forbidden"},
		{"key refused with 400, in a list", 400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`, WrongKey, "API key not valid"},
		{"unknown model", 404, `{"error":{"message":"The model 'x' does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}`, UnknownModel, "does not exist"},
		{"unknown model, local", 404, `{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error","code":null}}`, UnknownModel, "try pulling it"},
		{"unknown model with 400", 400, `{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}`, UnknownModel, "Model Not Exist"},
		{"unknown model, OpenRouter", 404, `{"error":{"message":"No endpoints found for x.","code":404}}`, UnknownModel, "No endpoints"},
		{"unknown model, Anthropic", 404, `{"type":"error","error":{"type":"not_found_error","message":"model: x"}}`, UnknownModel, "model: x"},
		{"unknown model, Together", 404, `{"error":{"message":"Unable to access model x.","type":"invalid_request_error","param":null,"code":"model_not_available"}}`, UnknownModel, "Unable"},
		{"unknown model, Azure", 404, `{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}`, UnknownModel, "deployment"},
		{"wrong address, Anthropic", 404, `{"type":"error","error":{"type":"not_found_error","message":"Not Found"}}`, NotAnAPI, "Not Found"},
		{"no access to the model", 403, `{"error":{"message":"Project does not have access to model x","type":"invalid_request_error","code":"model_not_found"}}`, UnknownModel, "access"},
		{"overflow", 400, `{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`, ContextOverflow, "maximum context length"},
		{"overflow, llama.cpp", 400, `{"error":{"code":400,"message":"request (70494 tokens) exceeds the available context size (67584 tokens)","type":"exceed_context_size_error"}}`, ContextOverflow, "70494"},
		{"overflow, LM Studio", 400, `{"error":"Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"}`, ContextOverflow, "15857"},
		{"overflow, Ollama without shift", 400, `{"error":{"message":"the prompt is longer than the context length currently available to the model","type":"invalid_request_error","param":null,"code":null}}`, ContextOverflow, "longer"},
		{"overflow with 200", 200, `{"error":{"message":"Context size has been exceeded."}}`, ContextOverflow, "Context size"},
		{"overflow with 500", 500, `{"error":{"code":500,"message":"the prompt is too long for the context window"}}`, ContextOverflow, "too long"},
		{"overflow, Anthropic", 400, `{"type":"error","error":{"type":"invalid_request_error","message":"input length and ` + "`max_tokens`" + ` exceed context limit: 7000 + 4096 > 8192, decrease input length or ` + "`max_tokens`" + ` and try again"}}`, ContextOverflow, "7000"},
		{"overflow, xAI", 400, `{"code":"invalid-argument","error":"This model's maximum prompt length is 3000 but the request contains 5378 tokens."}`, ContextOverflow, "5378"},
		{"overflow, vLLM", 400, `{"object":"error","message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","type":"BadRequestError","param":null,"code":400}`, ContextOverflow, "5000"},
		{"overflow, TGI", 422, "{\"error\":\"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens\",\"error_type\":\"validation\"}", ContextOverflow, "5000"},
		{"overflow, Kimi", 400, `{"error":{"message":"Invalid request: Your request exceeded model token limit: 8192","type":"invalid_request_error"}}`, ContextOverflow, "8192"},
		{"overflow, Qwen", 400, `{"error":{"code":"invalid_parameter_error","message":"Range of input length should be [1, 6000]"}}`, ContextOverflow, "6000"},
		{"overflow, GitHub", 413, `{"error":{"code":"tokens_limit_reached","message":"Request body too large for m model. Max size: 8000 tokens."}}`, ContextOverflow, "8000"},
		{"overflow, a proxy's page", 413, "<html><head><title>413 Request Entity Too Large</title></head></html>", ContextOverflow, "a web page titled 413"},
		{"never within the rate limit", 429, `{"error":{"message":"Request too large for m on tokens per min (TPM): Limit 30000, Requested 33000. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`, ContextOverflow, "30000"},
		{"no credit", 429, `{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, NoCredit, "quota"},
		{"no credit, xAI", 403, `{"code":"The caller does not have permission","error":"Your team has used all available credits."}`, NoCredit, "credits"},
		{"no credit, Qwen", 400, `{"error":{"message":"Access denied, please make sure your account is in good standing.","type":"Arrearage","code":"Arrearage"}}`, NoCredit, "good standing"},
		{"payment required", 402, `{"error":{"message":"Insufficient Balance"}}`, NoCredit, "Balance"},
		{"wrong address", 404, "404 page not found", NotAnAPI, "404 page not found"},
		{"wrong address, FastAPI", 404, `{"detail":"Not Found"}`, NotAnAPI, "Not Found"},
		{"wrong method", 405, `{"detail":"Method Not Allowed"}`, NotAnAPI, "Method Not Allowed"},
		{"refused", 418, `{"detail":[{"loc":["body","x"],"msg":"tea only"}]}`, Refused, "tea only"},
		{"not implemented", 501, `{"message":"no chat here","code":7}`, ServerFault, "no chat here"},
		{"silent refusal", 400, "", Refused, "Bad Request"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			serve(t, Config{}, write(test.status, test.body), func(t *testing.T, s *server) {
				_, err := s.ask()
				var e *Error
				if !errors.As(err, &e) {
					t.Fatalf("error %v, want an *Error", err)
				}
				if e.Kind != test.kind || !strings.Contains(e.Reason, test.reason) || e.Hint == "" || e.Status != test.status && test.status != 200 {
					t.Errorf("got %#v, want kind %q, reason %q and a hint", e, test.kind, test.reason)
				}
				if len(s.waits) > 0 {
					t.Errorf("asked again after %v", s.waits)
				}
			})
		})
	}
}

// A server that does not take a parameter is asked without it, and is asked so
// from then on.
func TestDialects(t *testing.T) {
	has := func(s *server, n int, field string) bool { _, ok := s.seen()[n].body[field]; return ok }
	tests := []struct {
		name, parameter string
		status          int
		message         string
	}{
		{"schema", "response_format", 400, "Unsupported value: 'response_format' of type 'json_schema' is not supported with this model."},
		{"schema, unnamed", "response_format", 400, "Bad Request"},
		{"schema, grammar fault", "response_format", 500, "failed to parse grammar"},
		{"schema, not processable", "response_format", 422, "This response_format type is unavailable now"},
		{"temperature", "temperature", 400, "Unsupported value: 'temperature' does not support 0 with this model."},
		{"limit", "max_tokens", 400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s *server
			serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, n int) {
				if has(s, n, test.parameter) {
					refuse(w, test.status, "", test.message)
					return
				}
				answer(w, "ok")
			}, func(t *testing.T, server *server) {
				s = server
				zero := 0.0
				for range 2 {
					if _, err := s.Complete(t.Context(), Call{Model: "m", Temperature: &zero, MaxOutput: 100}); err != nil {
						t.Fatal(err)
					}
				}
				if len(s.seen()) != 3 || !has(s, 0, test.parameter) || len(s.waits) != 0 {
					t.Errorf("%d requests with waits %v, want 3: refused, repeated, learnt", len(s.seen()), s.waits)
				}
				if test.parameter == "max_tokens" && s.seen()[2].body["max_completion_tokens"] != 100.0 {
					t.Errorf("last request %v has no limit", s.seen()[2].body)
				}
			})
		})
	}
}

// A chat template without a system role gets the system text from the user.
func TestNoSystemRole(t *testing.T) {
	var s *server
	serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, n int) {
		if len(s.seen()[n].body["messages"].([]any)) > 1 {
			refuse(w, 400, "", "System role not supported")
			return
		}
		answer(w, "ok")
	}, func(t *testing.T, server *server) {
		s = server
		if _, err := s.ask(); err != nil {
			t.Fatal(err)
		}
		want := []any{map[string]any{"role": "user", "content": "You write losses.\nWrite one."}}
		if diff := cmp.Diff(want, s.seen()[1].body["messages"]); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
	})
}

// What is sent: a temperature of 0 survives, reasoning models get what they
// take, the schema is asked for.
func TestRequests(t *testing.T) {
	serve(t, Config{}, func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, "ok") }, func(t *testing.T, s *server) {
		zero := 0.0
		for _, model := range []string{"llama-3", "o3-mini", "openai/gpt-5"} {
			if _, err := s.Complete(t.Context(), Call{Model: model, Temperature: &zero, MaxOutput: 77, Messages: []Message{{"user", "hi"}}}); err != nil {
				t.Fatal(err)
			}
		}
		plain := s.seen()[0].body
		if temp, ok := plain["temperature"].(float64); !ok || temp > 1e-30 || plain["max_tokens"] != 77.0 {
			t.Errorf("request to a plain model: %v", plain)
		}
		for _, r := range s.seen()[1:] {
			if _, ok := r.body["temperature"]; ok || r.body["max_tokens"] != nil || r.body["max_completion_tokens"] != 77.0 {
				t.Errorf("request to a reasoning model: %v", r.body)
			}
		}
		for _, r := range s.seen() {
			format, _ := r.body["response_format"].(map[string]any)
			if format["type"] != "json_schema" || r.header.Get("Authorization") != "Bearer "+key {
				t.Errorf("format %v, authorization %q", format, r.header.Get("Authorization"))
			}
		}
	})
}

// A prompt that a content filter refuses is an answer, once and for all: the
// same prompt would be refused again.
func TestContentFilter(t *testing.T) {
	serve(t, Config{}, write(400, `{"error":{"message":"The response was filtered due to the prompt triggering our content management policy.","code":"content_filter","status":400}}`), func(t *testing.T, s *server) {
		got, err := s.ask()
		if err != nil || got.Finish != "content_filter" || got.Text != "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestConfigErrors(t *testing.T) {
	for _, base := range []string{"localhost:8080/v1", "ftp://host/v1", "http://", "://", "http://user:hunter22hunter@%zz/"} {
		if _, err := New(Config{BaseURL: base}); err == nil || !strings.Contains(err.Error(), "base_url") || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%q: error %v, want one that names base_url and no password", base, err)
		}
	}
	if _, err := New(Config{Key: "sk-12345678\nX-Evil: 1"}); err == nil || strings.Contains(err.Error(), "sk-") {
		t.Errorf("a key with a line break: %v", err)
	}
}

// The key is planted wherever a server can echo it; no error, wait, reply or
// printed value may show it in any spelling.
func TestKeyNeverShows(t *testing.T) {
	echo := fmt.Sprintf("you sent Bearer %s, that is %s or %s", key, url.QueryEscape(key), url.PathEscape(key))
	ask := map[string]func(http.ResponseWriter, *http.Request, int){
		"400": func(w http.ResponseWriter, _ *http.Request, _ int) { refuse(w, 400, key, echo) },
		"401": func(w http.ResponseWriter, _ *http.Request, _ int) { refuse(w, 401, key, echo) },
		"404": write(404, echo),
		"429": func(w http.ResponseWriter, _ *http.Request, _ int) { refuse(w, 429, key, echo) },
		"500": write(500, "<title>"+echo+"</title>"),
		"redirect": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Location", "http://x/?k="+key)
			w.WriteHeader(308)
		},
		"200 HTML": write(200, "<html><title>"+echo+"</title>"),
		"200 junk": write(200, key),
		"200 ok":   func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, echo) },
		"finish":   write(200, `{"choices":[{"message":{"content":"x"},"finish_reason":`+quote(key)+`}]}`),
		"drop":     func(w http.ResponseWriter, _ *http.Request, _ int) { drop(w, key+"\r\n\r\n") },
	}
	for name, handle := range ask {
		t.Run(name, func(t *testing.T) {
			serve(t, Config{Patience: 5 * time.Second, BaseURL: "http://" + url.UserPassword("planted-user", key).String() + "@server.test/v1"}, handle, func(t *testing.T, s *server) {
				reply, err := s.ask()
				e, _ := errors.AsType[*Error](err)
				journal, _ := json.Marshal(reply)
				written := fmt.Sprintf("%v %+v %#v %s %+v %+v %#v", err, e, e, journal, reply, s.waits, s.Client.scrub.line("nothing"))
				for _, secret := range []string{key, url.QueryEscape(key), url.PathEscape(key), "planted-user"} {
					if strings.Contains(written, secret) {
						t.Errorf("%q is in:\n%s", secret, written)
					}
				}
				if e == nil && reply.Text == "" {
					t.Errorf("neither error nor reply: %v", err)
				}
			})
		})
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	c := Config{Key: key}
	data, err := json.Marshal(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	for _, written := range []string{fmt.Sprintf("%v %+v %#v %s %q %x", c, c, c, c.Key, c.Key, c.Key), string(data), c.Key.String()} {
		if strings.Contains(written, "planted") || strings.Contains(written, "706c616e746564") {
			t.Errorf("the key is in %q", written)
		}
	}
}

func TestCancelledCallEnds(t *testing.T) {
	serve(t, Config{}, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }, func(t *testing.T, s *server) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Complete(ctx, Call{Model: "m"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
