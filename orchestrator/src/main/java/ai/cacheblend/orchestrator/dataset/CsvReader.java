package ai.cacheblend.orchestrator.dataset;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** RFC 4180: values may be quoted, and then hold commas, line breaks and doubled quotes. */
final class CsvReader {
  private static final int END = -1;

  private final String name;
  private final BufferedReader in;
  private int line = 1;
  private int current;

  CsvReader(String name, BufferedReader in) throws IOException {
    this.name = name;
    this.in = in;
    advance();
    if (current == '\uFEFF') {
      advance();
    }
  }

  /** Line, from 1, at which the next row starts. */
  int line() {
    return line;
  }

  Optional<List<String>> next() throws IOException {
    if (current == END) {
      return Optional.empty();
    }
    List<String> row = new ArrayList<>();
    row.add(value());
    while (current == ',') {
      advance();
      row.add(value());
    }
    if (current == '\r') {
      advance();
    }
    if (current == '\n') {
      line++;
      advance();
    } else if (current != END) {
      throw malformed("text after a closing quote; double quotes inside a quoted value");
    }
    return Optional.of(row);
  }

  private String value() throws IOException {
    return current == '"' ? quoted() : plain();
  }

  private String plain() throws IOException {
    StringBuilder value = new StringBuilder();
    while (current != ',' && current != '\r' && current != '\n' && current != END) {
      value.append((char) current);
      advance();
    }
    return value.toString();
  }

  private String quoted() throws IOException {
    int start = line;
    StringBuilder value = new StringBuilder();
    advance();
    while (true) {
      if (current == END) {
        throw malformed("the quote opened at line " + start + " is never closed; close it");
      }
      if (current == '"') {
        advance();
        if (current != '"') {
          return value.toString();
        }
      } else if (current == '\n') {
        line++;
      }
      value.append((char) current);
      advance();
    }
  }

  private void advance() throws IOException {
    current = in.read();
  }

  private DatasetException malformed(String what) {
    return new DatasetException("%s: line %d: %s".formatted(name, line, what));
  }
}
