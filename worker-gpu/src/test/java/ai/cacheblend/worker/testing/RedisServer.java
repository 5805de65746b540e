package ai.cacheblend.worker.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Redis or Valkey server on a free port, with its data in a folder of the test. */
public final class RedisServer implements AutoCloseable {
  private final Path folder;
  private final List<String> options;
  private final int port;
  private Process process;

  private RedisServer(Path folder, int port, List<String> options) {
    this.folder = folder;
    this.port = port;
    this.options = options;
  }

  /** Skips the test where no server is installed. */
  public static RedisServer start(Path folder, String... options) throws IOException {
    return start(folder, "--port", List.of(options));
  }

  /** A server that accepts TLS only, with the certificates of the tests. */
  public static RedisServer startTls(Path folder, Path certificates) throws IOException {
    return start(
        folder,
        "--tls-port",
        List.of(
            "--port",
            "0",
            "--tls-auth-clients",
            "no",
            "--tls-cert-file",
            certificates.resolve("server.pem").toString(),
            "--tls-key-file",
            certificates.resolve("server.key").toString()));
  }

  private static RedisServer start(Path folder, String portOption, List<String> options)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<String> all = new ArrayList<>(List.of(portOption, Integer.toString(port)));
    all.addAll(options);
    RedisServer server = new RedisServer(folder, port, all);
    server.start();
    return server;
  }

  public int port() {
    return port;
  }

  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Returns when the server accepts connections. */
  public void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(executable().toString());
    command.addAll(List.of("--bind", "127.0.0.1", "--dir", folder.toString()));
    command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "no"));
    command.addAll(options);
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      if (line.contains("Ready to accept connections")) {
        return;
      }
    }
    throw new IOException("the server ended: " + String.join("\n", lines));
  }

  private Path executable() throws IOException {
    Optional<Path> server =
        Stream.of("redis-server", "valkey-server", "redis-check-rdb")
            .flatMap(RedisServer::inPath)
            .findFirst();
    assumeTrue(server.isPresent(), "redis-server is not installed; run ./cacheblend setup");
    // Debian's redis-tools has the server under another name; its name selects what it does.
    Path link = folder.resolve("redis-server");
    return server.get().endsWith("redis-check-rdb") && !Files.exists(link)
        ? Files.createSymbolicLink(link, server.get())
        : Files.exists(link) ? link : server.get();
  }

  private static Stream<Path> inPath(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable);
  }

  /** Ends the server at once. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Ends the server after it has written its data. */
  public void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      kill();
    }
  }

  /** Stops the process without ending it: connections stay open and get no reply. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    kill();
  }
}
