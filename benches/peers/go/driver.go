// The driver of rs/cors. It speaks the drivers' protocol, one JSON object per line.
//
// The timed call is that of the handler, with a prebuilt request and a response whose map of headers is
// emptied and reused. The clock is that of the thread, so the garbage collector's threads are not counted.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"log"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

type question struct {
	Prepare *struct {
		Contestant string `json:"contestant"`
		Scenario   string `json:"scenario"`
	} `json:"prepare"`
	Run *struct {
		Requests int `json:"requests"`
	} `json:"run"`
}

type driver struct{ current *prepared }

func (d *driver) answer(line []byte) (map[string]interface{}, error) {
	var question question
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, err
	}
	switch {
	case question.Prepare != nil:
		prepared, err := prepare(question.Prepare.Contestant, question.Prepare.Scenario)
		d.current = prepared
		if err != nil {
			return nil, err
		}
		return map[string]interface{}{"answers": prepared.answers()}, nil
	case question.Run != nil:
		if d.current == nil {
			return nil, errors.New("nothing is prepared: send `prepare` first")
		}
		begun := threadNanoseconds()
		for i := 0; i < question.Run.Requests; i++ {
			d.current.once()
		}
		return map[string]interface{}{"ns": threadNanoseconds() - begun}, nil
	}
	return nil, errors.New("the question `" + string(line) + "` is neither `prepare` nor `run`")
}

// threadNanoseconds is the CPU time of the running thread.
func threadNanoseconds() int64 {
	const clockThreadCPUTime = 3
	var time syscall.Timespec
	_, _, failed := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPUTime, uintptr(unsafe.Pointer(&time)), 0)
	if failed != 0 {
		log.Fatal("the thread's clock cannot be read: ", failed)
	}
	return time.Nano()
}

func main() {
	runtime.LockOSThread()
	input, output := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	output.SetEscapeHTML(false)
	say := func(message interface{}) {
		if err := output.Encode(message); err != nil {
			log.Fatal(err)
		}
	}
	running := "go " + strings.TrimPrefix(runtime.Version(), "go")
	offered := []map[string]interface{}{}
	for _, contestant := range contestants {
		offered = append(offered, map[string]interface{}{
			"name": contestant.name, "version": contestant.version, "runtime": running, "is_corsac": false,
		})
	}
	say(map[string]interface{}{"contestants": offered})
	driver := driver{}
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		answer, err := driver.answer(line)
		if err != nil {
			answer = map[string]interface{}{"error": err.Error()}
		}
		say(answer)
	}
}
