/* corsac: a CORS decision engine. The C++ interface: C++17, this header alone, over corsac.h.
 *
 * At startup, call corsac::Engine::from_file, Engine::require for each policy that the server's
 * configuration names, and Engine::reader for each worker. For each request, call Reader::decide and apply the Decision. See
 * docs/embedding.md for a complete guide.
 *
 * Nothing here throws, except that Decision::apply_to changes a container of yours, which allocates.
 * Deciding a request does not allocate, except for a Request with more than 32 header lines.
 *
 * Handles (Engine, Reader, Diagnostics, Stats, Text) own their resource; they can be moved but not
 * copied. A moved-from or default-constructed handle is empty and converts to false. Calls on an
 * empty handle are safe and fail closed: they deny, find nothing and count nothing.
 *
 * Views. A std::string_view argument is read only during the call. A `corsac::Kept` is kept: the bytes
 * that a Request refers to must stay valid until the decision is no longer used, because a Decision may
 * point into them. A temporary does not convert to it: a function that returns a string by value needs a
 * variable for its result. What a handle refers to cannot be read from a temporary handle either.
 *
 * Threads. A const member function may be called from several threads at once, any other from one
 * thread at a time per object.
 */

#ifndef CORSAC_HPP
#define CORSAC_HPP

#include "corsac.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

/* Compilers that have one of these warn where a view outlives what it refers to. */
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::lifetimebound)
#define CORSAC_LIFETIMEBOUND [[clang::lifetimebound]]
#elif __has_cpp_attribute(msvc::lifetimebound)
#define CORSAC_LIFETIMEBOUND [[msvc::lifetimebound]]
#endif
#if __has_cpp_attribute(clang::lifetime_capture_by)
#define CORSAC_CAPTURED_BY_THIS [[clang::lifetime_capture_by(this)]]
#endif
#endif
#ifndef CORSAC_LIFETIMEBOUND
#define CORSAC_LIFETIMEBOUND
#endif
#ifndef CORSAC_CAPTURED_BY_THIS
#define CORSAC_CAPTURED_BY_THIS
#endif

namespace corsac {

/** Whether a type refers to bytes that somebody else keeps, so that a temporary of it can be kept. Specialise
 * it for string views of your own: `template <> inline constexpr bool corsac::is_view<my::StringView> = true;` */
template <class T>
inline constexpr bool is_view = std::is_same_v<T, std::string_view>;

/** The status of a call. */
enum class Status : std::uint32_t {
    ok = CORSAC_STATUS_OK,
    invalid_argument = CORSAC_STATUS_INVALID_ARGUMENT,
    panic = CORSAC_STATUS_PANIC,
    config = CORSAC_STATUS_CONFIG,
    not_found = CORSAC_STATUS_NOT_FOUND,
    buffer_too_small = CORSAC_STATUS_BUFFER_TOO_SMALL,
    thread = CORSAC_STATUS_THREAD,
};

/** The verdict of a decision. */
enum class Verdict : std::uint32_t {
    not_cors = CORSAC_VERDICT_NOT_CORS,
    same_origin = CORSAC_VERDICT_SAME_ORIGIN,
    allowed = CORSAC_VERDICT_ALLOWED,
    denied = CORSAC_VERDICT_DENIED,
    preflight_allowed = CORSAC_VERDICT_PREFLIGHT_ALLOWED,
    preflight_denied = CORSAC_VERDICT_PREFLIGHT_DENIED,
    no_policy = CORSAC_VERDICT_NO_POLICY,
};

/** The reason for the verdict. */
enum class Reason : std::uint32_t {
    ok = CORSAC_REASON_OK,
    no_origin = CORSAC_REASON_NO_ORIGIN,
    own_origin = CORSAC_REASON_OWN_ORIGIN,
    origin_malformed = CORSAC_REASON_ORIGIN_MALFORMED,
    origin_repeated = CORSAC_REASON_ORIGIN_REPEATED,
    origin_null = CORSAC_REASON_ORIGIN_NULL,
    origin_not_allowed = CORSAC_REASON_ORIGIN_NOT_ALLOWED,
    method_malformed = CORSAC_REASON_METHOD_MALFORMED,
    method_not_allowed = CORSAC_REASON_METHOD_NOT_ALLOWED,
    headers_malformed = CORSAC_REASON_HEADERS_MALFORMED,
    headers_over_budget = CORSAC_REASON_HEADERS_OVER_BUDGET,
    header_not_allowed = CORSAC_REASON_HEADER_NOT_ALLOWED,
    private_network_not_allowed = CORSAC_REASON_PRIVATE_NETWORK_NOT_ALLOWED,
    no_policy = CORSAC_REASON_NO_POLICY,
    path_ambiguous = CORSAC_REASON_PATH_AMBIGUOUS,
    internal = CORSAC_REASON_INTERNAL,
};

/** The checks of a request, any of which can fail. */
enum class Check : std::uint32_t {
    origin = CORSAC_FAILED_ORIGIN,
    method = CORSAC_FAILED_METHOD,
    headers = CORSAC_FAILED_HEADERS,
    private_network = CORSAC_FAILED_PRIVATE_NETWORK,
};

/** How to treat managed headers that the upstream set in its response. */
enum class Upstream : std::uint32_t { replace = CORSAC_UPSTREAM_REPLACE, keep = CORSAC_UPSTREAM_KEEP };

/** The severity of a diagnostic. */
enum class Severity : std::uint32_t {
    error = CORSAC_SEVERITY_ERROR,
    warning = CORSAC_SEVERITY_WARNING,
    note = CORSAC_SEVERITY_NOTE,
};

/** How a document in memory is written. */
enum class Format : std::uint32_t { toml = CORSAC_FORMAT_TOML, json = CORSAC_FORMAT_JSON };

/** The result of checking the sources for changes. */
enum class Poll : std::uint32_t {
    unchanged = CORSAC_POLL_UNCHANGED,
    unsettled = CORSAC_POLL_UNSETTLED,
    reloaded = CORSAC_POLL_RELOADED,
    refused = CORSAC_POLL_REFUSED,
};

/** Whether a policy lists an origin. */
enum class OriginAnswer : std::uint32_t {
    not_allowed = CORSAC_ORIGIN_NOT_ALLOWED,
    allowed = CORSAC_ORIGIN_ALLOWED,
    absent = CORSAC_ORIGIN_ABSENT,
};

/** The id of a policy, from Engine::require or Engine::find_policy. It belongs to that engine only: every
 * other denies what is decided by it, and so does the empty id, which a failed lookup returns. */
class Policy {
public:
    /** No policy. */
    constexpr Policy() noexcept = default;

    /** No policy: converts to false. */
    static const Policy none;
    /** Let the document's routes choose, by the request's host and path. */
    static const Policy by_route;

    /** Whether it is the id of a policy, or by_route. */
    constexpr explicit operator bool() const noexcept { return id_ != CORSAC_POLICY_NONE; }
    /** The id as corsac.h has it. */
    constexpr corsac_policy id() const noexcept { return id_; }

    friend constexpr bool operator==(Policy left, Policy right) noexcept { return left.id_ == right.id_; }
    friend constexpr bool operator!=(Policy left, Policy right) noexcept { return left.id_ != right.id_; }

private:
    friend class Decision;
    friend class Engine;
    friend class Policies;
    explicit constexpr Policy(corsac_policy id) noexcept : id_(id) {}

    corsac_policy id_ = CORSAC_POLICY_NONE;
};

inline constexpr Policy Policy::none{};
inline constexpr Policy Policy::by_route{CORSAC_POLICY_ROUTE};

/** Names, the same in logs and in all bindings. */
inline std::string_view name(Status status) noexcept {
    return corsac_error_name(static_cast<std::uint32_t>(status));
}
inline std::string_view name(Verdict verdict) noexcept {
    return corsac_verdict_name(static_cast<std::uint32_t>(verdict));
}
inline std::string_view name(Reason reason) noexcept {
    return corsac_reason_name(static_cast<std::uint32_t>(reason));
}

/** Whether the library is compatible with this header. Call it once, and refuse to start if it returns false. */
inline bool is_compatible() noexcept { return corsac_abi_is_compatible(CORSAC_ABI_VERSION); }

/** The release of the library, such as "0.1.0". */
inline std::string_view version() noexcept { return corsac_version(); }

namespace detail {

/** A present string, even if it is empty and its view has a null pointer. */
inline corsac_str present(std::string_view text) noexcept {
    return {text.data() == nullptr ? "" : text.data(), text.size()};
}

/** Empty if the string is absent; `data()` is then null. */
inline std::string_view text(const corsac_str& view) noexcept { return {view.ptr, view.len}; }

struct Free {
    void operator()(corsac_engine* handle) const noexcept { corsac_engine_free(handle); }
    void operator()(corsac_reader* handle) const noexcept { corsac_reader_free(handle); }
    void operator()(corsac_diagnostics* handle) const noexcept { corsac_diagnostics_free(handle); }
    void operator()(corsac_policies* handle) const noexcept { corsac_policies_free(handle); }
    void operator()(corsac_stats* handle) const noexcept { corsac_stats_free(handle); }
    void operator()(corsac_text* handle) const noexcept { corsac_text_free(handle); }
};

/** Owns a handle of the C interface. */
template <class Raw>
class Handle {
public:
    Handle() noexcept = default;
    /** Takes ownership of `raw`. */
    explicit Handle(Raw* raw) noexcept : raw_(raw) {}
    explicit operator bool() const noexcept { return raw_ != nullptr; }
    /** For calls of the C interface. This object keeps ownership. */
    Raw* raw() const noexcept { return raw_.get(); }
    /** Passes ownership to the caller. */
    [[nodiscard]] Raw* release_raw() noexcept { return raw_.release(); }

private:
    std::unique_ptr<Raw, Free> raw_;
};

/** An iterator over a container with an index operator, which returns values. */
template <class Container>
class Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = typename Container::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    Iterator(const Container* container, std::size_t at) noexcept : container_(container), at_(at) {}
    value_type operator*() const noexcept { return (*container_)[at_]; }
    Iterator& operator++() noexcept { return ++at_, *this; }
    Iterator operator++(int) noexcept { return {container_, at_++}; }
    bool operator==(const Iterator& other) const noexcept { return at_ == other.at_; }
    bool operator!=(const Iterator& other) const noexcept { return at_ != other.at_; }

private:
    const Container* container_;
    std::size_t at_;
};

/** What an argument of this type is to who keeps a view of it. */
template <class T>
inline constexpr bool is_text = std::is_convertible_v<T, std::string_view>;
template <class T>
inline constexpr bool is_pointer_with_a_name = std::is_lvalue_reference_v<T> && std::is_pointer_v<std::remove_reference_t<T>>;
/** It refers to bytes that stay, whatever becomes of the argument. */
template <class T>
inline constexpr bool refers = is_view<std::remove_cv_t<std::remove_reference_t<T>>> || is_pointer_with_a_name<T>;
/** It has the bytes, and stays after the call. */
template <class T>
inline constexpr bool owns = std::is_lvalue_reference_v<T> && !refers<T>;

/** An array that has room for `inline_len` elements, and allocates beyond. */
template <class T, std::size_t inline_len>
class Growing {
public:
    Growing() noexcept = default;
    Growing(const Growing&) = delete;
    Growing& operator=(const Growing&) = delete;
    /** Makes room for `len` elements; false if memory is exhausted. */
    bool reserve(std::size_t len) noexcept {
        if (len <= room_) return true;
        const std::size_t room = len > room_ * 2 ? len : room_ * 2;
        std::unique_ptr<T[]> more(new (std::nothrow) T[room]);
        if (!more) return false;
        std::memcpy(more.get(), data(), len_ * sizeof(T));
        more_ = std::move(more);
        room_ = room;
        return true;
    }
    bool add(const T& element) noexcept {
        if (!reserve(len_ + 1)) return false;
        data()[len_++] = element;
        return true;
    }
    void clear() noexcept { len_ = 0; }
    std::size_t size() const noexcept { return len_; }
    T* data() noexcept { return more_ ? more_.get() : first_; }
    const T* data() const noexcept { return more_ ? more_.get() : first_; }

private:
    T first_[inline_len];
    std::unique_ptr<T[]> more_;
    std::size_t len_ = 0;
    std::size_t room_ = inline_len;
};

}  // namespace detail

/** A view that is kept beyond the call. It is made of what lasts: a string that has a name, a literal, a
 * std::string_view, a pointer and a length. A temporary string does not convert, nor does the pointer that a
 * call returns, which could be that of `c_str()` of a temporary: give it a name, and ask whether it is null. */
class Kept {
public:
    /** An empty view. */
    constexpr Kept() noexcept = default;
    constexpr Kept(const char* data, std::size_t size) noexcept : view_(data, size) {}
    template <class T, std::enable_if_t<detail::is_text<T> && detail::owns<T>, int> = 0>
    constexpr Kept(T&& text CORSAC_LIFETIMEBOUND) noexcept : view_(text) {}
    template <class T, std::enable_if_t<detail::is_text<T> && detail::refers<T>, int> = 0>
    constexpr Kept(T&& view) noexcept : view_(of(view)) {}
    /** Deleted: the temporary would be gone when the view is used. Give the value a name first. */
    template <class T, std::enable_if_t<detail::is_text<T> && !detail::owns<T> && !detail::refers<T>, int> = 0>
    Kept(T&& temporary) = delete;
    Kept(std::nullptr_t) = delete;

    constexpr std::string_view view() const noexcept { return view_; }
    /** Whether it was made of a null pointer to characters, which stands for a header that is absent. */
    constexpr bool is_null() const noexcept { return is_null_; }
    corsac_str raw() const noexcept { return is_null_ ? corsac_str{nullptr, 0} : detail::present(view_); }

private:
    template <class T>
    constexpr std::string_view of(const T& text) noexcept {
        if constexpr (std::is_pointer_v<T>) {
            is_null_ = text == nullptr;
            if (is_null_) return {};
        }
        return text;
    }

    bool is_null_ = false;
    std::string_view view_;
};

/** One mistake, risk or remark about a document. Valid as long as its Diagnostics. */
struct Diagnostic {
    std::string_view code; /**< The permanent code, such as "origin/trailing-slash". */
    Severity severity = Severity::error;
    std::uint32_t line = 0;   /**< From 1; 0 if there is no position. */
    std::uint32_t column = 0; /**< In characters, from 1; 0 if there is no position. */
    std::uint32_t end_line = 0;   /**< Where what is meant ends. */
    std::uint32_t end_column = 0; /**< Behind its last character. */
    std::string_view policy;  /**< Empty if it is about no policy. */
    std::string_view file;    /**< Empty if there is no position. */
    std::string_view message;
    std::string_view help;    /**< The fix; empty if there is none. */
    std::string_view excerpt; /**< The line; empty if there is no position. */
    std::string_view marked;  /**< The part of the line that is meant. */
    std::size_t count = 1;    /**< How many diagnostics of this code this stands for. */
};

/** The errors, warnings and notes of a load, in the order of their positions. */
class Diagnostics : public detail::Handle<corsac_diagnostics> {
public:
    using value_type = Diagnostic;
    using Handle::Handle;

    std::size_t size() const noexcept { return corsac_diagnostics_len(raw()); }
    bool empty() const noexcept { return size() == 0; }
    Diagnostic operator[](std::size_t) const&& = delete;
    Diagnostic operator[](std::size_t index) const& noexcept {
        const corsac_diagnostic* found = corsac_diagnostics_get(raw(), index);
        if (found == nullptr) return {};
        return {detail::text(found->code),    static_cast<Severity>(found->severity),
                found->line,                  found->column,
                found->end_line,              found->end_column,
                detail::text(found->policy),  detail::text(found->file),
                detail::text(found->message), detail::text(found->help),
                detail::text(found->excerpt), detail::text(found->marked),
                found->count};
    }
    detail::Iterator<Diagnostics> begin() const noexcept { return {this, 0}; }
    detail::Iterator<Diagnostics> end() const noexcept { return {this, size()}; }
    /** All of them as a text of several lines, for a log or a terminal. */
    std::string_view text() const&& = delete;
    std::string_view text() const& noexcept CORSAC_LIFETIMEBOUND {
        corsac_str out{};
        corsac_diagnostics_text(raw(), &out);
        return detail::text(out);
    }
};

/** One policy of a document. Valid as long as its Policies. */
struct PolicyEntry {
    Policy policy;
    std::string_view name;
};

/** The policies of one document, in its order. */
class Policies : public detail::Handle<corsac_policies> {
public:
    using value_type = PolicyEntry;
    using Handle::Handle;

    std::size_t size() const noexcept { return corsac_policies_len(raw()); }
    bool empty() const noexcept { return size() == 0; }
    PolicyEntry operator[](std::size_t) const&& = delete;
    PolicyEntry operator[](std::size_t index) const& noexcept {
        const corsac_policy_entry* found = corsac_policies_get(raw(), index);
        if (found == nullptr) return {};
        return {Policy(found->policy), detail::text(found->name)};
    }
    detail::Iterator<Policies> begin() const noexcept { return {this, 0}; }
    detail::Iterator<Policies> end() const noexcept { return {this, size()}; }
};

/** A text that the library made, UTF-8. */
class Text : public detail::Handle<corsac_text> {
public:
    using Handle::Handle;
    std::string_view view() const&& = delete;
    std::string_view view() const& noexcept CORSAC_LIFETIMEBOUND {
        corsac_str out{};
        corsac_text_view(raw(), &out);
        return detail::text(out);
    }
};

/** An engine's counters, at one moment. */
class Stats : public detail::Handle<corsac_stats> {
public:
    using Handle::Handle;
    /** The number of decisions with this verdict and reason. */
    std::uint64_t count(Verdict verdict, Reason reason) const noexcept {
        return corsac_stats_count(raw(), static_cast<std::uint32_t>(verdict), static_cast<std::uint32_t>(reason));
    }
    /** The number of decisions. */
    std::uint64_t total() const noexcept { return corsac_stats_total(raw()); }
    std::size_t readers() const noexcept { return corsac_stats_readers(raw()); }
    /** The number of replaced sets of policies that are not freed yet. */
    std::size_t retired() const noexcept { return corsac_stats_retired(raw()); }
};

/** The reason why a call failed; true as a condition if it failed. */
class [[nodiscard]] Error {
public:
    Error() noexcept = default;
    Error(Status status, Diagnostics diagnostics) noexcept : status_(status), diagnostics_(std::move(diagnostics)) {}
    explicit operator bool() const noexcept { return status_ != Status::ok; }
    Status status() const noexcept { return status_; }
    /** The diagnostics of the document, if it was rejected. */
    const Diagnostics& diagnostics() const& noexcept CORSAC_LIFETIMEBOUND { return diagnostics_; }
    Diagnostics diagnostics() && noexcept { return std::move(diagnostics_); }
    /** For a log: the diagnostics or, without any, the name of the status. Valid as long as this object. */
    std::string_view text() const& noexcept CORSAC_LIFETIMEBOUND {
        return diagnostics_ ? diagnostics_.text() : name(status_);
    }
    std::string_view text() const&& = delete;

private:
    Status status_ = Status::ok;
    Diagnostics diagnostics_;
};

/** The result of a call, or the reason that it failed; converts to true on success. The value can be read in either case: after a failure a handle is empty and a poll is Poll::refused. */
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value, Error error) noexcept : value_(std::move(value)), error_(std::move(error)) {}
    explicit operator bool() const noexcept { return !error_; }
    T& operator*() & noexcept { return value_; }
    const T& operator*() const& noexcept { return value_; }
    T&& operator*() && noexcept { return std::move(value_); }
    T* operator->() noexcept { return &value_; }
    const T* operator->() const noexcept { return &value_; }
    const Error& error() const& noexcept CORSAC_LIFETIMEBOUND { return error_; }
    Error error() && noexcept { return std::move(error_); }

private:
    T value_;
    Error error_;
};

/** The lines of one header. Up to four are stored without allocating. */
class Lines {
public:
    /** Adds a line; a null pointer adds none. Returns false if memory is exhausted; complete() is then false. */
    bool add(Kept line CORSAC_CAPTURED_BY_THIS) noexcept {
        return line.is_null() || lines_.add(line.raw()) || (complete_ = false);
    }
    void clear() noexcept { lines_.clear(), complete_ = true; }
    bool complete() const noexcept { return complete_; }
    corsac_lines raw() const noexcept { return {lines_.data(), lines_.size()}; }

private:
    detail::Growing<corsac_str, 4> lines_;
    bool complete_ = true;
};

/** All header lines of a request or of a response, in their order. Up to 32 are stored without allocating. */
class HeaderLines {
public:
    HeaderLines() noexcept = default;
    /** The lines of a container that has pairs of a name and a value, such as a std::multimap. */
    template <class Container, std::enable_if_t<!std::is_same_v<Container, HeaderLines>, int> = 0>
    explicit HeaderLines(const Container& headers CORSAC_LIFETIMEBOUND) noexcept {
        add_all(headers);
    }
    /** Deleted: the container would be gone when the lines are used. Give it a name first. */
    template <class Container, std::enable_if_t<!std::is_reference_v<Container>, int> = 0>
    explicit HeaderLines(Container&& temporary) = delete;

    /** Adds a line. Returns false if memory is exhausted; complete() is then false. */
    bool add(Kept name CORSAC_CAPTURED_BY_THIS, Kept value CORSAC_CAPTURED_BY_THIS) noexcept {
        return value.is_null() || lines_.add({name.raw(), value.raw()}) || (complete_ = false);
    }
    template <class Container>
    bool add_all(const Container& headers CORSAC_CAPTURED_BY_THIS) noexcept {
        using Element = decltype(*std::begin(headers));
        for (auto&& element : headers) {
            auto&& [name, value] = element;
            // What an iterator returns by value is gone after this turn, unless it is a pair of views.
            static_assert(std::is_lvalue_reference_v<Element>
                              || (is_view<std::decay_t<decltype(name)>> && is_view<std::decay_t<decltype(value)>>),
                          "the container makes its elements when it is read: add() each line of a copy that lasts");
            add(name, value);
        }
        return complete_;
    }
    template <class Container, std::enable_if_t<!std::is_reference_v<Container>, int> = 0>
    bool add_all(Container&& temporary) = delete;
    void clear() noexcept { lines_.clear(), complete_ = true; }
    bool complete() const noexcept { return complete_; }
    std::size_t size() const noexcept { return lines_.size(); }
    const corsac_header* raw() const noexcept { return lines_.data(); }

private:
    detail::Growing<corsac_header, 32> lines_;
    bool complete_ = true;
};

/** The parts of a request that a decision depends on: the method, and its header lines. Pass all of them with
 * headers() or header(); or, if they are sorted by name, those of four headers with origin() and the three
 * functions after it, once per line, in the order of the lines. If both are used, the request is denied.
 *
 * A Request cannot be moved: Request("GET").origin(line) can be passed to a call, but not stored. */
class Request {
public:
    /** The method, byte for byte. */
    explicit Request(Kept method CORSAC_LIFETIMEBOUND) noexcept { raw_.method = method.raw(); }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    /** One header line, whatever its name: the library picks those that it needs. */
    Request& header(Kept name CORSAC_CAPTURED_BY_THIS, Kept value CORSAC_CAPTURED_BY_THIS) noexcept {
        return lines_.add(name, value), *this;
    }
    /** All header lines, from a container that has pairs of a name and a value, such as a std::multimap. */
    template <class Container>
    Request& headers(const Container& headers CORSAC_CAPTURED_BY_THIS) noexcept {
        return lines_.add_all(headers), *this;
    }
    /** Deleted: the container would be gone when the request is decided. Give it a name first. */
    template <class Container, std::enable_if_t<!std::is_reference_v<Container>, int> = 0>
    Request& headers(Container&& temporary) = delete;

    /** A line of one header. A null pointer to characters adds none. */
    Request& origin(Kept line CORSAC_CAPTURED_BY_THIS) noexcept { return origin_.add(line), *this; }
    Request& request_method(Kept line CORSAC_CAPTURED_BY_THIS) noexcept { return method_.add(line), *this; }
    Request& request_headers(Kept line CORSAC_CAPTURED_BY_THIS) noexcept { return headers_.add(line), *this; }
    Request& request_private_network(Kept line CORSAC_CAPTURED_BY_THIS) noexcept {
        return network_.add(line), *this;
    }
    /** For Policy::by_route: the host by which the server selects a site, and the path as it normalised it. */
    Request& host(Kept host CORSAC_CAPTURED_BY_THIS) noexcept {
        return raw_.host = host.raw(), *this;
    }
    Request& path(Kept path CORSAC_CAPTURED_BY_THIS) noexcept {
        return raw_.path = path.raw(), *this;
    }

    /** For the C interface: valid until this object is changed or destroyed. If memory was exhausted while adding a line, the call is invalid and the request is denied. */
    corsac_request raw() const noexcept {
        corsac_request raw = raw_;
        raw.origin = origin_.raw();
        raw.request_method = method_.raw();
        raw.request_headers = headers_.raw();
        raw.request_private_network = network_.raw();
        raw.headers = lines_.raw();
        raw.headers_len = lines_.size();
        if (!(origin_.complete() && method_.complete() && headers_.complete() && network_.complete()
              && lines_.complete())) {
            raw.struct_size = 0;
        }
        return raw;
    }

private:
    corsac_request raw_ = CORSAC_REQUEST_INIT;
    Lines origin_, method_, headers_, network_;
    HeaderLines lines_;
};

/** Whether this is the name of an `access-control-*` header. With Upstream::keep, none of the decision's
 * headers are set on a response of the upstream that has such a header. */
inline bool is_access_control(std::string_view name) noexcept {
    const corsac_str view = detail::present(name);
    return corsac_is_managed_header(nullptr, &view);
}

/** One header to set: a name in lower case, and its value. */
struct Header {
    std::string_view name;
    std::string_view value;
};

/** The headers to set. A name occurs more than once if it must be set in several lines. */
class Headers {
public:
    using value_type = Header;
    Headers(const corsac_header* first, std::size_t size) noexcept : first_(first), size_(size) {}
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    /** `index` is less than size(). */
    Header operator[](std::size_t index) const noexcept {
        return {detail::text(first_[index].name), detail::text(first_[index].value)};
    }
    detail::Iterator<Headers> begin() const noexcept { return {this, 0}; }
    detail::Iterator<Headers> end() const noexcept { return {this, size_}; }

private:
    const corsac_header* first_;
    std::size_t size_;
};

/** What a decision changes in a response, from Decision::apply. It is read while the Decision is valid; the
 * header lines are not needed any more. */
class Changes {
public:
    Changes(const corsac_decision* decision, const HeaderLines& upstream) noexcept {
        // Without memory for the answer, no line of the response is kept and nothing is set.
        if (!upstream.complete() || !remove_.reserve(upstream.size())) return;
        len_ = upstream.size();
        corsac_apply(decision, upstream.raw(), len_, remove_.data(), &set_, &set_len_, &vary_);
    }

    /** Whether the line with this index of the response is to be removed. */
    bool removes(std::size_t index) const noexcept { return index >= len_ || remove_.data()[index]; }
    /** The headers to add then. */
    Headers set() const noexcept { return Headers(set_, set_len_); }
    /** The names to add to the response's `Vary`, as a new line of it or after `, ` to the last; a static
     * string, empty if none is missing. */
    std::string_view vary() const noexcept { return detail::text(vary_); }

private:
    detail::Growing<bool, 64> remove_;
    const corsac_header* set_ = nullptr;
    std::size_t len_ = 0, set_len_ = 0;
    corsac_str vary_ = {"Origin", 6};
};

class OwnedDecision;

/** The decision for one request: a view that is valid until the next call on its Reader, and only while the request's own bytes are. Use copy() to keep it.
 *
 * Respond with status(), or forward the request if there is none; and apply the decision to the response, with
 * apply_to() or apply(). */
class Decision {
public:
    /** A denial, like every decision that could not be made. */
    Decision() noexcept : raw_(corsac_decide(nullptr, CORSAC_POLICY_NONE, nullptr)) {}
    /** A view of `raw`, which is not null. */
    explicit Decision(const corsac_decision* raw) noexcept : raw_(raw) {}
    /** Deleted, because a view of a temporary copy would dangle. */
    Decision(OwnedDecision&&) = delete;
    Decision& operator=(OwnedDecision&&) = delete;

    Verdict verdict() const noexcept { return static_cast<Verdict>(raw_->verdict); }
    Reason reason() const noexcept { return static_cast<Reason>(raw_->reason); }
    bool failed(Check check) const noexcept { return (raw_->failed & static_cast<std::uint32_t>(check)) != 0; }
    /** The status to respond with immediately; none means forward the request. */
    std::optional<unsigned> status() const noexcept { return unless(raw_->status, 0); }
    /** The headers to set. */
    Headers set() const noexcept { return Headers(raw_->set, raw_->set_len); }
    Upstream upstream() const noexcept { return static_cast<Upstream>(raw_->upstream); }
    /** The policy that decided; empty if there is none. */
    Policy policy() const noexcept { return Policy(raw_->policy); }
    /** The grant of the row that matched, 0 being the policy's own allow_origins. */
    std::optional<std::uint32_t> grant() const noexcept { return unless(raw_->grant, CORSAC_GRANT_NONE); }
    /** The row that matched, as the document writes it; empty if there is none. */
    std::string_view rule() const noexcept { return detail::text(raw_->rule); }
    /** The generation of the policies that decided. */
    std::uint64_t generation() const noexcept { return raw_->generation; }
    /** If it is not Status::ok, the call was invalid or an internal error was caught, and the request is denied. */
    Status error() const noexcept { return static_cast<Status>(raw_->error); }

    /** What to change in a response that has these header lines: which to remove, which to set, and what to add
     * to its `Vary`. Applying the same decision again changes nothing. */
    Changes apply(const HeaderLines& upstream) const noexcept { return Changes(raw_, upstream); }
    /** Changes the headers of a response that are in a std::multimap of strings, or in a container like it. */
    template <class Container>
    void apply_to(Container& headers) const {
        const Changes changes = apply(HeaderLines(std::as_const(headers)));
        std::size_t index = 0;
        for (auto line = headers.begin(); line != headers.end(); index++) {
            line = changes.removes(index) ? headers.erase(line) : std::next(line);
        }
        for (const auto [name, value] : changes.set()) headers.emplace(name, value);
        if (!changes.vary().empty()) headers.emplace("vary", changes.vary());
    }

    /** Whether corsac manages this header of the upstream's response. */
    bool is_managed(std::string_view name) const noexcept {
        const corsac_str view = detail::present(name);
        return corsac_is_managed_header(raw_, &view);
    }
    /** The names that are missing from these `Vary` lines of a response; a static string. */
    std::string_view vary_missing(const Lines& vary) const noexcept {
        const corsac_lines lines = vary.raw();
        corsac_str missing{};
        corsac_vary_merge(raw_, &lines, &missing);
        return detail::text(missing);
    }
    /** The same for a response with one `Vary` line, or with none. */
    std::string_view vary_missing(std::string_view line = {}) const noexcept {
        Lines lines;
        if (!line.empty()) lines.add(line);
        return vary_missing(lines);
    }

    /** A copy of the decision and everything it points to; a denial if memory is exhausted. */
    OwnedDecision copy() const noexcept;
    /** A copy in memory of the caller, such as the request's pool; empty if it has fewer than
     * `copy_size()` bytes. */
    std::optional<Decision> copy_into(void* buffer, std::size_t len) const noexcept {
        const corsac_decision* copy = nullptr;
        if (corsac_decision_copy(raw_, buffer, len, nullptr, &copy) != CORSAC_STATUS_OK) return std::nullopt;
        return Decision(copy);
    }
    std::size_t copy_size() const noexcept {
        std::size_t needed = 0;
        const corsac_status status = corsac_decision_copy(raw_, nullptr, 0, &needed, nullptr);
        return status == CORSAC_STATUS_BUFFER_TOO_SMALL ? needed : 0;
    }
    /** For calls of the C interface; never null. */
    const corsac_decision* raw() const noexcept { return raw_; }

private:
    static std::optional<std::uint32_t> unless(std::uint32_t number, std::uint32_t none) noexcept {
        return number == none ? std::nullopt : std::optional(number);
    }

    const corsac_decision* raw_;
};

/** A decision with memory of its own. Used as a Decision it is a view of itself; a moved-from one is a
 * denial. */
class OwnedDecision : public Decision {
public:
    OwnedDecision() noexcept = default;
    explicit OwnedDecision(const Decision& decision) noexcept {
        const std::size_t size = decision.copy_size();
        std::unique_ptr<char[]> buffer(new (std::nothrow) char[size]);
        if (const auto copy = buffer ? decision.copy_into(buffer.get(), size) : std::nullopt) {
            Decision::operator=(*copy);
            buffer_ = std::move(buffer);
        }
    }
    OwnedDecision(OwnedDecision&& from) noexcept : OwnedDecision() { swap(from); }
    /** Deleted for a temporary copy, whose memory they are views of. */
    Headers set() const& noexcept CORSAC_LIFETIMEBOUND { return Decision::set(); }
    Headers set() const&& = delete;
    std::string_view rule() const& noexcept CORSAC_LIFETIMEBOUND { return Decision::rule(); }
    std::string_view rule() const&& = delete;
    Changes apply(const HeaderLines& upstream) const& noexcept { return Decision::apply(upstream); }
    Changes apply(const HeaderLines& upstream) const&& = delete;
    const corsac_decision* raw() const& noexcept CORSAC_LIFETIMEBOUND { return Decision::raw(); }
    const corsac_decision* raw() const&& = delete;
    OwnedDecision& operator=(OwnedDecision&& from) noexcept {
        OwnedDecision taken(std::move(from));
        swap(taken);
        return *this;
    }

private:
    void swap(OwnedDecision& other) noexcept {
        std::swap(static_cast<Decision&>(*this), static_cast<Decision&>(other));
        buffer_.swap(other.buffer_);
    }

    std::unique_ptr<char[]> buffer_;
};

inline OwnedDecision Decision::copy() const noexcept { return OwnedDecision(*this); }

/** Decides with the current policies of an engine. Create one per worker thread or event loop, after a fork
 * in the child. It may move between threads and is used by one at a time. */
class Reader : public detail::Handle<corsac_reader> {
public:
    using Handle::Handle;
    /** Decides one request. Allocates nothing and takes no lock. Deleted for a temporary reader, which would
     * take the decision with it. */
    Decision decide(Policy, const Request&) && = delete;
    Decision decide(Policy policy, const Request& request) & noexcept CORSAC_LIFETIMEBOUND {
        const corsac_request view = request.raw();
        return Decision(corsac_decide(raw(), policy.id(), &view));
    }
    /** Whether a policy lists the request's origin, for handshakes such as WebSocket's. */
    OriginAnswer origin_allowed(Policy policy, const Request& request) noexcept {
        const corsac_request view = request.raw();
        return static_cast<OriginAnswer>(corsac_origin_allowed(raw(), policy.id(), &view));
    }
    /** Releases the policies that the reader holds, for readers that will be idle. */
    void release() noexcept { corsac_reader_release(raw()); }
};

/** A list or an environment variable that a document names, with what it holds. Borrows both. */
inline corsac_named named(std::string_view name, std::string_view content) noexcept {
    return {detail::present(name), detail::present(content)};
}

/** An array of what a document names, borrowed for the length of a call. */
class NamedTexts {
public:
    constexpr NamedTexts() noexcept = default;
    constexpr NamedTexts(const corsac_named* data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t Size>
    constexpr NamedTexts(const corsac_named (&all)[Size]) noexcept : data_(all), size_(Size) {}

    constexpr const corsac_named* data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }

private:
    const corsac_named* data_ = nullptr;
    std::size_t size_ = 0;
};

/** The current policies and their source. They can be replaced while requests are decided: no reader
 * waits, and a rejected document changes nothing. */
class Engine : public detail::Handle<corsac_engine> {
public:
    using Handle::Handle;

    /** Loads a file and its lists: JSON if its name ends in `.json`, otherwise TOML. Starts no thread. */
    static Result<Engine> from_file(std::string_view path) noexcept {
        const corsac_str file = detail::present(path);
        return made([&](auto... out) { return corsac_engine_new_from_file(&file, out...); });
    }
    /** The same, but every list file must be in the document's folder or below, now and at every reload. */
    static Result<Engine> from_file_restricted(std::string_view path) noexcept {
        const corsac_str file = detail::present(path);
        return made([&](auto... out) { return corsac_engine_new_restricted(&file, out...); });
    }
    /** The same with environment variables for the document's rows `{ env = "…" }`, before those of the process. */
    static Result<Engine> from_file(std::string_view path, NamedTexts variables, bool restrict_paths = false) noexcept {
        const corsac_str file = detail::present(path);
        return made([&](auto... out) {
            return corsac_engine_new_from_file_with(&file, restrict_paths, variables.data(), variables.size(), out...);
        });
    }
    /** Loads a document from memory. One that names list files is rejected, because none are read. */
    static Result<Engine> from_text(std::string_view text, Format format = Format::toml) noexcept {
        const corsac_str view = detail::present(text);
        return made([&](auto... out) {
            return corsac_engine_new_from_text(&view, static_cast<std::uint32_t>(format), out...);
        });
    }

    /** The same with the lists and the environment variables that the document names. */
    static Result<Engine> from_text(std::string_view text, NamedTexts lists, NamedTexts variables = {},
                                    Format format = Format::toml) noexcept {
        const corsac_str view = detail::present(text);
        return made([&](auto... out) {
            return corsac_engine_new_from_text_with(&view, static_cast<std::uint32_t>(format), lists.data(),
                                                    lists.size(), variables.data(), variables.size(), out...);
        });
    }

    /** Reloads the same file. */
    Error reload() const noexcept {
        return error([&](auto out) { return corsac_engine_reload_file(raw(), nullptr, out); });
    }
    /** Loads another file. */
    Error reload_file(std::string_view path) const noexcept {
        const corsac_str file = detail::present(path);
        return error([&](auto out) { return corsac_engine_reload_file(raw(), &file, out); });
    }
    /** Replaces the policies with those of a document in memory. */
    Error reload_text(std::string_view text, Format format = Format::toml) const noexcept {
        const corsac_str view = detail::present(text);
        return error([&](auto out) {
            return corsac_engine_reload_text(raw(), &view, static_cast<std::uint32_t>(format), out);
        });
    }
    /** The same with the lists that the document names; its variables are those of the beginning. */
    Error reload_text(std::string_view text, NamedTexts lists, Format format = Format::toml) const noexcept {
        const corsac_str view = detail::present(text);
        return error([&](auto out) {
            return corsac_engine_reload_text_with(raw(), &view, static_cast<std::uint32_t>(format), lists.data(),
                                                  lists.size(), out);
        });
    }
    /** Whether poll() may have something to do. Only reads file times and sizes. */
    bool changed() const noexcept { return corsac_engine_changed(raw()); }
    /** Reloads the sources if they changed and are no longer being written; blocks for reading and compiling. */
    Result<Poll> poll() const noexcept {
        corsac_poll poll = CORSAC_POLL_REFUSED;
        Error failed = error([&](auto out) { return corsac_engine_poll(raw(), &poll, out); });
        return {static_cast<Poll>(poll), std::move(failed)};
    }
    /** Starts a thread that reloads when the sources change: after a fork, in the child. */
    Status watch() const noexcept { return static_cast<Status>(corsac_engine_watch(raw())); }
    /** Stops that thread and waits for its end. */
    void unwatch() const noexcept { corsac_engine_unwatch(raw()); }

    /** Requires a policy whose name stands in the server's configuration: a reload without it is refused.
     * Empty if the current policies have none of the name; then nothing is required. */
    [[nodiscard]] Policy require(std::string_view name) const noexcept {
        const corsac_str view = detail::present(name);
        corsac_policy id = CORSAC_POLICY_NONE;
        return corsac_engine_require_policy(raw(), &view, &id) == CORSAC_STATUS_OK ? Policy(id) : Policy::none;
    }
    /** Takes one requirement of this name back. */
    void release(std::string_view name) const noexcept {
        const corsac_str view = detail::present(name);
        corsac_engine_release_policy(raw(), &view);
    }
    /** Requires routes, for servers that decide by Policy::by_route. Status::not_found if there are none. */
    [[nodiscard]] Status require_routes() const noexcept {
        return static_cast<Status>(corsac_engine_require_routes(raw()));
    }
    /** Takes one requirement of routes back. */
    void release_routes() const noexcept { corsac_engine_release_routes(raw()); }
    /** The id of a policy whose name comes with a request; empty if no policy ever had the name. */
    [[nodiscard]] Policy find_policy(std::string_view name) const noexcept {
        const corsac_str view = detail::present(name);
        corsac_policy id = CORSAC_POLICY_NONE;
        return corsac_engine_find_policy(raw(), &view, &id) == CORSAC_STATUS_OK ? Policy(id) : Policy::none;
    }
    /** The name of a policy, valid as long as the engine; empty for ids of other engines. */
    std::string_view policy_name(Policy) const&& = delete;
    std::string_view policy_name(Policy policy) const& noexcept CORSAC_LIFETIMEBOUND {
        corsac_str name{};
        corsac_engine_policy_name(raw(), policy.id(), &name);
        return detail::text(name);
    }
    /** The current policies. */
    Policies policies() const noexcept { return result_of<Policies>(corsac_engine_policies); }
    /** Decides with a reader that the engine keeps for this thread, for servers that are not told when a
     * thread starts or ends. The decision is valid until this thread decides again by this engine, until
     * the thread ends and until the engine is freed. */
    Decision decide(Policy policy, const Request& request) const noexcept {
        const corsac_request view = request.raw();
        return Decision(corsac_engine_decide(raw(), policy.id(), &view));
    }
    /** Whether a policy lists the request's origin, with the same reader. */
    OriginAnswer origin_allowed(Policy policy, const Request& request) const noexcept {
        const corsac_request view = request.raw();
        return static_cast<OriginAnswer>(corsac_engine_origin_allowed(raw(), policy.id(), &view));
    }
    /** A reader for one worker. */
    Reader reader() const noexcept { return result_of<Reader>(corsac_reader_new); }
    /** The generation of the current policies: 1 at first, incremented by each reload. */
    std::uint64_t generation() const noexcept { return corsac_engine_generation(raw()); }
    /** The warnings and notes of the current document. */
    Diagnostics warnings() const noexcept { return result_of<Diagnostics>(corsac_engine_warnings); }
    /** The status, as one line of JSON. */
    Text status() const noexcept { return result_of<Text>(corsac_engine_status); }
    /** The decision counters of all readers. */
    Stats stats() const noexcept { return result_of<Stats>(corsac_engine_stats); }

private:
    template <class Call>
    static Error error(Call call) noexcept {
        corsac_diagnostics* diagnostics = nullptr;
        const auto status = static_cast<Status>(call(&diagnostics));
        return {status, Diagnostics(diagnostics)};
    }
    template <class Call>
    static Result<Engine> made(Call call) noexcept {
        corsac_engine* engine = nullptr;
        Error failed = error([&](auto out) { return call(&engine, out); });
        return {Engine(engine), std::move(failed)};
    }
    template <class T, class Raw>
    T result_of(corsac_status (*call)(const corsac_engine*, Raw**)) const noexcept {
        Raw* made = nullptr;
        return call(raw(), &made) == CORSAC_STATUS_OK ? T(made) : T();
    }
};

}  // namespace corsac

#endif  // CORSAC_HPP
