'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const cors = require('cors');
const fastifyCors = require('@fastify/cors');

const { Response } = require('./response.js');

// The installed release. Packages need not export their `package.json`.
function version(name) {
  return JSON.parse(readFileSync(join(process.env.NODE_PATH, name, 'package.json'), 'utf8')).version;
}

// Both packages accept strings and expressions in one list. A wildcard is an expression, as their users
// write it.
function origins(listed) {
  if (listed.includes('*')) {
    return '*';
  }
  return listed.map((origin) => (origin.includes('*') ? expression(origin) : origin));
}

function expression(wildcard) {
  const [before, after] = wildcard.split('*').map((part) => part.replace(/[.\\+?^$()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${before}.+${after}$`);
}

function options(policy) {
  return {
    origin: origins(policy.allow_origins),
    methods: policy.allow_methods,
    allowedHeaders: policy.allow_headers,
    credentials: policy.allow_credentials,
    maxAge: policy.max_age,
  };
}

// Lines of one name are joined, as Node does with these headers.
function headers(lines) {
  const joined = {};
  for (const [name, value] of lines) {
    joined[name] = Object.hasOwn(joined, name) ? `${joined[name]}, ${value}` : value;
  }
  return joined;
}

// The handler after a middleware: an empty 200.
function around(middleware, requests) {
  const response = new Response();
  const next = (error) => {
    if (error) {
      throw error;
    }
    response.statusCode = 200;
    response.end();
  };
  const answer = (index) => {
    response.clear();
    middleware(requests[index], response, next);
  };
  return { answer, response };
}

// The middleware is called as a router of express calls it.
function express(policy, given) {
  const requests = given.map(({ method, headers: lines }) => ({ method, url: '/', headers: headers(lines) }));
  return around(cors(options(policy)), requests);
}

// The plugin registers a hook with its instance, which is called as fastify calls it.
function fastify(policy, given) {
  let hook;
  const instance = {
    decorateRequest() {},
    addHook(_name, registered) {
      hook = registered;
    },
    options() {},
  };
  fastifyCors(instance, options(policy), (error) => {
    if (error) {
      throw error;
    }
  });
  const requests = given.map(({ method, headers: lines }) => ({
    raw: { method },
    method,
    headers: headers(lines),
    routeOptions: { config: {} },
    corsPreflightEnabled: false,
  }));
  return around(hook, requests);
}

function bare(_policy, given) {
  const requests = given.map(({ method, headers: lines }) => ({ method, url: '/', headers: headers(lines) }));
  return around((_request, _response, next) => next(), requests);
}

const contestants = [
  { name: 'expressjs cors', version: version('cors'), prepare: express },
  { name: '@fastify/cors', version: version('@fastify/cors'), prepare: fastify },
  { name: 'node: bare handler', version: '', prepare: bare },
];

module.exports = { contestants };
