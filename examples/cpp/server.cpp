// An HTTP server with CORS by a policy document, on cpp-httplib: a pool of threads, hot reload by a thread of its own.
//
//   server DOCUMENT POLICY [PORT]      without PORT the system chooses one
#include <httplib.h>

#include <corsac.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

// What decides on one thread: its reader, and the decision for the request that the thread answers.
struct Worker {
    explicit Worker(const corsac::Engine& engine) : reader(engine.reader()) {}
    corsac::Reader reader;
    std::optional<corsac::Decision> decision;
};

static Worker& worker(const corsac::Engine& engine) {
    thread_local Worker worker(engine);
    return worker;
}

// All header lines of the request: the library picks those that it needs. The decision may point into them, so they
// are those of httplib, which stay until the response is sent.
static corsac::Decision decide(corsac::Reader& reader, corsac::Policy policy, const httplib::Request& request) {
    const auto decision = reader.decide(policy, corsac::Request(request.method).headers(request.headers));
    std::ostringstream line;
    line << request.method << ": " << name(decision.verdict()) << ' ' << name(decision.reason()) << '\n';
    std::cerr << line.str();
    return decision;
}

// What the application says. It knows nothing of policies, and its `*` must reach nobody.
static void answer(httplib::Response& response, const std::string& body, const char* type) {
    response.set_header("Access-Control-Allow-Origin", "*");
    response.set_header("Vary", "Accept-Encoding");
    response.set_content(body, type);
}

static void add_application(httplib::Server& server) {
    server.Get("/notes", [](const httplib::Request&, httplib::Response& response) {
        answer(response, "[\"milk\",\"bread\"]\n", "application/json");
    });
    server.Put("/notes", [](const httplib::Request&, httplib::Response& response) {
        answer(response, "written\n", "text/plain");
    });
    server.set_error_handler([](const httplib::Request&, httplib::Response& response) {
        if (response.status == 404) answer(response, "not found\n", "text/plain");
    });
}

static void add_cors(httplib::Server& server, const corsac::Engine& engine, corsac::Policy policy) {
    // Before everything else, authentication included: a preflight carries no credentials.
    server.set_pre_routing_handler([&engine, policy](const httplib::Request& request, httplib::Response& response) {
        Worker& here = worker(engine);
        here.decision = decide(here.reader, policy, request);
        const auto status = here.decision->status();
        if (!status) return httplib::Server::HandlerResponse::Unhandled;
        // A preflight, or a request that is refused: nobody else sees it.
        response.status = static_cast<int>(*status);
        return httplib::Server::HandlerResponse::Handled;
    });
    // On every response, also on a 404 and on the 400 for a request that httplib does not hand on.
    server.set_post_routing_handler([&engine, policy](const httplib::Request& request, httplib::Response& response) {
        Worker& here = worker(engine);
        if (!here.decision) here.decision = decide(here.reader, policy, request);
        here.decision->apply_to(response.headers);
        here.decision.reset();
    });
}

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4) return std::cerr << "usage: server DOCUMENT POLICY [PORT]\n", 2;
    if (!corsac::is_compatible()) return std::cerr << "another libcorsac is needed\n", 2;
    const auto engine = corsac::Engine::from_file(argv[1]);
    if (!engine) return std::cerr << argv[1] << ":\n" << engine.error().text() << '\n', 2;
    const corsac::Policy policy = engine->require(argv[2]);
    if (!policy) return std::cerr << argv[2] << ": no such policy\n", 2;

    // No thread takes these signals but the one that waits for them.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    if (engine->watch() != corsac::Status::ok) return std::cerr << "no thread that reloads\n", 2;

    httplib::Server server;
    add_application(server);
    add_cors(server, *engine, policy);
    int port = argc == 4 ? std::atoi(argv[3]) : 0;
    if (port == 0) {
        port = server.bind_to_any_port("127.0.0.1");
    } else if (!server.bind_to_port("127.0.0.1", port)) {
        port = -1;
    }
    if (port < 0) return std::cerr << "cannot listen\n", 2;
    std::cout << "http://127.0.0.1:" << port << std::endl;
    std::thread stopper([&] {
        int signal = 0;
        sigwait(&ending, &signal);
        server.stop();
    });
    server.listen_after_bind();
    stopper.join();
}
