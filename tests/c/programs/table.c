#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { END = 0, DOCUMENT = 1, LOAD = 2 };

struct file {
    char *bytes;
    size_t at, len;
};

static void fail(const char *why)
{
    fprintf(stderr, "the table: %s\n", why);
    exit(2);
}

static void *room(size_t count, size_t size)
{
    void *block = calloc(count ? count : 1, size ? size : 1);
    if (!block)
        fail("no memory");
    return block;
}

static struct file file_read(const char *path)
{
    FILE *stream = fopen(path, "rb");
    struct file file = {NULL, 0, 0};
    if (!stream || fseek(stream, 0, SEEK_END))
        fail("cannot be opened");
    long len = ftell(stream);
    if (len < 0 || fseek(stream, 0, SEEK_SET))
        fail("has no size");
    file.len = (size_t)len;
    file.bytes = room(file.len, 1);
    if (fread(file.bytes, 1, file.len, stream) != file.len)
        fail("cannot be read");
    fclose(stream);
    return file;
}

static uint32_t number(struct file *file)
{
    uint32_t value;
    if (file->len - file->at < sizeof value)
        fail("ends too soon");
    memcpy(&value, file->bytes + file->at, sizeof value);
    file->at += sizeof value;
    return value;
}

static corsac_str text(struct file *file)
{
    corsac_str view = {NULL, 0};
    uint32_t len = number(file);
    if (len == UINT32_MAX)
        return view;
    if (file->len - file->at < len)
        fail("a text is cut");
    char *bytes = malloc(len ? len : 1);
    if (!bytes)
        fail("no memory");
    memcpy(bytes, file->bytes + file->at, len);
    file->at += len;
    view.ptr = bytes;
    view.len = len;
    return view;
}

static corsac_header *headers(struct file *file, size_t *len)
{
    *len = number(file);
    corsac_header *all = room(*len, sizeof *all);
    for (size_t i = 0; i < *len; i++) {
        all[i].name = text(file);
        all[i].value = text(file);
    }
    return all;
}

static void read_case(struct file *file, struct table_case *entry)
{
    entry->name = text(file);
    entry->policy = text(file);
    entry->host = text(file);
    entry->path = text(file);
    entry->method = text(file);
    entry->headers = headers(file, &entry->headers_len);
    struct table_expected *expected = &entry->expected;
    expected->verdict = text(file);
    expected->reason = text(file);
    expected->failed = text(file);
    expected->status = number(file);
    expected->vary = text(file);
    expected->upstream = text(file);
    expected->policy = text(file);
    expected->grant = number(file);
    expected->rule = text(file);
    expected->set = headers(file, &expected->set_len);
}

static void read_document(struct file *file, struct table_document *document)
{
    document->name = text(file);
    document->text = text(file);
    document->cases_len = number(file);
    document->cases = room(document->cases_len, sizeof *document->cases);
    for (size_t i = 0; i < document->cases_len; i++)
        read_case(file, &document->cases[i]);
}

static void read_load(struct file *file, struct table_load *load)
{
    load->name = text(file);
    load->path = text(file);
    load->text = text(file);
    load->format = number(file);
    load->accepted = number(file) != 0;
    load->diagnostics_len = number(file);
    load->diagnostics = room(load->diagnostics_len, sizeof *load->diagnostics);
    for (size_t i = 0; i < load->diagnostics_len; i++) {
        struct table_diagnostic *diagnostic = &load->diagnostics[i];
        diagnostic->code = text(file);
        diagnostic->severity = text(file);
        diagnostic->policy = text(file);
        diagnostic->file = text(file);
        diagnostic->line = number(file);
        diagnostic->column = number(file);
        diagnostic->says_len = number(file);
        diagnostic->says = room(diagnostic->says_len, sizeof *diagnostic->says);
        for (size_t j = 0; j < diagnostic->says_len; j++)
            diagnostic->says[j] = text(file);
    }
}

struct table *table_read(const char *path)
{
    struct file file = file_read(path);
    struct table *table = room(1, sizeof *table);
    for (;;) {
        uint32_t kind = number(&file);
        if (kind == DOCUMENT) {
            size_t size = (table->documents_len + 1) * sizeof *table->documents;
            table->documents = realloc(table->documents, size);
            if (!table->documents)
                fail("no memory");
            read_document(&file, &table->documents[table->documents_len++]);
        } else if (kind == LOAD) {
            table->loads = realloc(table->loads, (table->loads_len + 1) * sizeof *table->loads);
            if (!table->loads)
                fail("no memory");
            read_load(&file, &table->loads[table->loads_len++]);
        } else if (kind == END && file.at == file.len) {
            free(file.bytes);
            return table;
        } else {
            fail("an entry of no kind");
        }
    }
}

static void text_free(corsac_str view)
{
    free((void *)(uintptr_t)view.ptr);
}

static void headers_free(corsac_header *all, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        text_free(all[i].name);
        text_free(all[i].value);
    }
    free(all);
}

static void case_free(const struct table_case *entry)
{
    const struct table_expected *expected = &entry->expected;
    const corsac_str texts[] = {entry->name,       entry->policy,     entry->host,
                                entry->path,       entry->method,     expected->verdict,
                                expected->reason,  expected->failed,  expected->vary,
                                expected->upstream, expected->policy, expected->rule};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        text_free(texts[i]);
    headers_free(entry->headers, entry->headers_len);
    headers_free(expected->set, expected->set_len);
}

static void load_free(const struct table_load *load)
{
    for (size_t i = 0; i < load->diagnostics_len; i++) {
        const struct table_diagnostic *diagnostic = &load->diagnostics[i];
        text_free(diagnostic->code);
        text_free(diagnostic->severity);
        text_free(diagnostic->policy);
        text_free(diagnostic->file);
        for (size_t j = 0; j < diagnostic->says_len; j++)
            text_free(diagnostic->says[j]);
        free(diagnostic->says);
    }
    free(load->diagnostics);
    text_free(load->name);
    text_free(load->path);
    text_free(load->text);
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->documents_len; i++) {
        const struct table_document *document = &table->documents[i];
        for (size_t j = 0; j < document->cases_len; j++)
            case_free(&document->cases[j]);
        free(document->cases);
        text_free(document->name);
        text_free(document->text);
    }
    for (size_t i = 0; i < table->loads_len; i++)
        load_free(&table->loads[i]);
    free(table->documents);
    free(table->loads);
    free(table);
}

corsac_lines table_lines(const struct table_case *entry, const char *name, corsac_str *lines)
{
    corsac_lines found = {lines, 0};
    for (size_t i = 0; i < entry->headers_len; i++) {
        const corsac_header *header = &entry->headers[i];
        if (header->name.len == strlen(name) &&
            strncasecmp(header->name.ptr, name, header->name.len) == 0)
            lines[found.len++] = header->value;
    }
    return found;
}
