package ai.cacheblend.hub;

import static ai.cacheblend.hub.TestBed.MODEL;
import static ai.cacheblend.hub.TestBed.refuses;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.HubException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a proxy sees: it answers every first request with 407, and keeps its head. */
final class HubProxyTest {

  @TempDir Path root;
  private TestBed bed;
  private ServerSocket proxy;
  private CompletableFuture<List<String>> head;

  @BeforeEach
  void setUp() throws IOException {
    bed = new TestBed(root);
    proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    head = CompletableFuture.supplyAsync(this::refuseOne);
  }

  @AfterEach
  void tearDown() throws IOException {
    proxy.close();
    bed.close();
  }

  private List<String> refuseOne() {
    List<String> lines = new ArrayList<>();
    try (Socket client = proxy.accept()) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        lines.add(line);
      }
      client
          .getOutputStream()
          .write(
              "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
                  .getBytes(US_ASCII));
    } catch (IOException e) {
      lines.add(e.toString());
    }
    return lines;
  }

  private void pull(String endpoint) {
    refuses(
        Reason.UNREACHABLE,
        () ->
            bed.hub(
                    "HF_ENDPOINT",
                    endpoint,
                    "HF_TOKEN",
                    "t0ken",
                    "ALL_PROXY",
                    "http://me:secret@127.0.0.1:" + proxy.getLocalPort())
                .model(MODEL, Revision.MAIN, ModelFiles.ALL),
        "the proxy refuses its user (HTTP 407)");
  }

  @Test
  void aTunnelGetsTheCredentialsOfTheProxyAlone() {
    pull("https://hub.invalid");
    assertThat(head.join())
        .contains("CONNECT hub.invalid:443 HTTP/1.1", "Proxy-Authorization: Basic bWU6c2VjcmV0")
        .noneMatch(line -> line.contains("t0ken"));
  }

  @Test
  void aPlainRequestIsPassedOnWhole() {
    pull("http://hub.invalid");
    assertThat(head.join())
        .contains(
            "GET http://hub.invalid/api/models/org/name/revision/main HTTP/1.1",
            "Proxy-Authorization: Basic bWU6c2VjcmV0",
            "Authorization: Bearer t0ken");
  }
}
