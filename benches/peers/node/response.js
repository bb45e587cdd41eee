'use strict';

// The methods of a response that the two middlewares call, on a map that is emptied and reused for each
// request. Names are converted to lower case, as in Node and fastify; nothing else is done.
class Response {
  constructor() {
    this.statusCode = 0;
    this.headers = new Map();
    this.isAnswered = false;
  }

  clear() {
    this.statusCode = 0;
    this.headers.clear();
    this.isAnswered = false;
  }

  lines() {
    return [...this.headers].map(([name, value]) => [name, String(value)]);
  }

  getHeader(name) {
    return this.headers.get(name.toLowerCase());
  }

  // Node's.
  setHeader(name, value) {
    this.headers.set(name.toLowerCase(), value);
  }

  end() {
    this.isAnswered = true;
  }

  // Fastify's.
  header(name, value) {
    this.headers.set(name.toLowerCase(), value);
    return this;
  }

  code(status) {
    this.statusCode = status;
    return this;
  }

  status(status) {
    return this.code(status);
  }

  type(value) {
    return this.header('content-type', value);
  }

  send() {
    this.isAnswered = true;
    return this;
  }
}

module.exports = { Response };
