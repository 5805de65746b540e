package ai.cacheblend.integration;

import static com.google.common.base.Preconditions.checkState;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A Redis or Valkey server on a free port, without persistence. */
final class StoreServer implements AutoCloseable {
  private final Process process;
  private final int port;

  private StoreServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Empty where no server is installed. */
  static Optional<StoreServer> start(Path folder) throws IOException {
    Optional<Path> program =
        Stream.of(System.getenv("PATH").split(":"))
            .flatMap(path -> Stream.of("redis-server", "valkey-server").map(Path.of(path)::resolve))
            .filter(Files::isExecutable)
            .findFirst();
    return program.isEmpty() ? Optional.empty() : Optional.of(start(program.get(), folder));
  }

  private static StoreServer start(Path program, Path folder) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                folder.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    while (line != null && !line.contains("Ready to accept connections")) {
      line = output.readLine();
    }
    checkState(line != null, "%s did not become ready", program);
    return new StoreServer(process, port);
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  @Override
  public void close() {
    var unused = process.destroyForcibly();
  }
}
