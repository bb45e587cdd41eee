// The driver of expressjs `cors` and `@fastify/cors`. It speaks the drivers' protocol, one JSON object per
// line.
//
// Only the middleware's call is timed, with a prebuilt request and a plain response (`response.js`),
// without express, fastify or Node's own HTTP, which favours these contestants. Versions of Node without
// a thread clock report the CPU time of the process, including the threads of the garbage collector and
// the compiler; the reported runtime names the clock.
'use strict';

const { readFileSync } = require('node:fs');
const { createInterface } = require('node:readline');

const { contestants } = require('./contestants.js');

const hasThreadClock = typeof process.threadCpuUsage === 'function';
const clock = hasThreadClock ? 'CPU time of the thread' : 'CPU time of the process';

function nanoseconds() {
  const { user, system } = hasThreadClock ? process.threadCpuUsage() : process.cpuUsage();
  return (user + system) * 1000;
}

let current = null;

function prepare({ contestant: name, scenario: path }) {
  current = null;
  const contestant = contestants.find((each) => each.name === name);
  if (contestant === undefined) {
    throw new Error(`no contestant is named \`${name}\``);
  }
  const scenario = JSON.parse(readFileSync(path, 'utf8'));
  if (scenario.requests.length === 0) {
    throw new Error(`the scenario \`${path}\` has no requests`);
  }
  current = { ...contestant.prepare(scenario.policy, scenario.requests), count: scenario.requests.length, next: 0 };
  const answers = scenario.requests.map(() => {
    once(current);
    return { status: current.response.statusCode, headers: current.response.lines() };
  });
  return { answers };
}

function once(prepared) {
  prepared.answer(prepared.next);
  prepared.next = prepared.next + 1 === prepared.count ? 0 : prepared.next + 1;
  return prepared.response.statusCode;
}

function run({ requests }) {
  if (current === null) {
    throw new Error('nothing is prepared: send `prepare` first');
  }
  let statuses = 0;
  const begun = nanoseconds();
  for (let index = 0; index < requests; index += 1) {
    statuses += once(current);
  }
  const ns = nanoseconds() - begun;
  if (requests > 0 && statuses === 0) {
    throw new Error('no request was answered');
  }
  return { ns };
}

function answer(line) {
  try {
    const question = JSON.parse(line);
    if (question.prepare !== undefined) {
      return prepare(question.prepare);
    }
    if (question.run !== undefined) {
      return run(question.run);
    }
    throw new Error(`the question \`${line}\` is neither \`prepare\` nor \`run\``);
  } catch (error) {
    return { error: error.message };
  }
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const runtime = `node ${process.versions.node}, ${clock}`;
say({ contestants: contestants.map(({ name, version }) => ({ name, version, runtime, is_corsac: false })) });
createInterface({ input: process.stdin }).on('line', (line) => say(answer(line)));
