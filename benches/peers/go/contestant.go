package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"sort"
	"strings"

	"github.com/rs/cors"
)

// Set by the linker: `run.sh` reads it from the package.
var corsVersion = "unknown"

type policy struct {
	AllowOrigins     []string `json:"allow_origins"`
	AllowMethods     []string `json:"allow_methods"`
	AllowHeaders     []string `json:"allow_headers"`
	AllowCredentials bool     `json:"allow_credentials"`
	MaxAge           int      `json:"max_age"`
}

type scenario struct {
	Policy   policy `json:"policy"`
	Requests []struct {
		Method  string      `json:"method"`
		Headers [][2]string `json:"headers"`
	} `json:"requests"`
}

// A contestant is a handler around one that responds with an empty 200.
type contestant struct {
	name, version string
	wrap          func(policy, http.Handler) http.Handler
}

var contestants = []contestant{
	{"rs/cors", corsVersion, withCors},
	{"go: bare handler", "", func(_ policy, bare http.Handler) http.Handler { return bare }},
}

func withCors(policy policy, bare http.Handler) http.Handler {
	return cors.New(cors.Options{
		AllowedOrigins:   policy.AllowOrigins,
		AllowedMethods:   policy.AllowMethods,
		AllowedHeaders:   policy.AllowHeaders,
		AllowCredentials: policy.AllowCredentials,
		MaxAge:           policy.MaxAge,
	}).Handler(bare)
}

// A response whose map of headers is reused for each request, which is less work than a server's own
// response.
type response struct {
	headers http.Header
	status  int
}

func (r *response) Header() http.Header            { return r.headers }
func (r *response) Write(body []byte) (int, error) { return len(body), nil }
func (r *response) WriteHeader(status int)         { r.status = status }

// A contestant configured for a scenario, with the requests as a server reads them.
type prepared struct {
	handler  http.Handler
	requests []*http.Request
	response response
	next     int
	statuses int
}

func prepare(name, path string) (*prepared, error) {
	for _, contestant := range contestants {
		if contestant.name == name {
			return contestant.prepare(path)
		}
	}
	return nil, errors.New("no contestant is named `" + name + "`")
}

func (c contestant) prepare(path string) (*prepared, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var scenario scenario
	if err := json.Unmarshal(text, &scenario); err != nil {
		return nil, err
	}
	if len(scenario.Requests) == 0 {
		return nil, errors.New("the scenario `" + path + "` has no requests")
	}
	bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	prepared := &prepared{handler: c.wrap(scenario.Policy, bare), response: response{headers: http.Header{}}}
	for _, given := range scenario.Requests {
		request, err := http.NewRequest(given.Method, "/", nil)
		if err != nil {
			return nil, err
		}
		for _, line := range given.Headers {
			request.Header.Add(line[0], line[1])
		}
		prepared.requests = append(prepared.requests, request)
	}
	return prepared, nil
}

// once answers one request. The response is valid until the next call.
func (p *prepared) once() {
	for name := range p.response.headers {
		delete(p.response.headers, name)
	}
	p.handler.ServeHTTP(&p.response, p.requests[p.next])
	p.statuses += p.response.status
	if p.next++; p.next == len(p.requests) {
		p.next = 0
	}
}

type answer struct {
	Status  int         `json:"status"`
	Headers [][2]string `json:"headers"`
}

func (p *prepared) answers() []answer {
	answers := make([]answer, 0, len(p.requests))
	for range p.requests {
		p.once()
		answer := answer{Status: p.response.status, Headers: [][2]string{}}
		for name, values := range p.response.headers {
			for _, value := range values {
				answer.Headers = append(answer.Headers, [2]string{strings.ToLower(name), value})
			}
		}
		sort.SliceStable(answer.Headers, func(i, j int) bool { return answer.Headers[i][0] < answer.Headers[j][0] })
		answers = append(answers, answer)
	}
	return answers
}
