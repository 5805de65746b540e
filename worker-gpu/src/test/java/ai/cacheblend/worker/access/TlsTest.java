package ai.cacheblend.worker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.transport.IoThreads;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TlsTest {
  private static final Path PEM = Path.of(URI.create(TlsTest.class.getResource("/tls").toString()));

  @TempDir private Path folder;
  private final IoThreads threads = new IoThreads(1, "io");
  private Server server;

  @AfterEach
  void end() throws Exception {
    if (server != null) {
      server.shutdownNow().awaitTermination();
    }
    threads.close();
  }

  @Test
  void clientsThatTrustTheAuthorityAreServed() {
    serve("server", Optional.empty());

    assertThat(call(trusting("ca"))).isEqualTo(Status.Code.OK);
  }

  @Test
  void clientsOfAnotherAuthorityAndClientsWithoutTlsAreNotServed() {
    serve("server", Optional.empty());

    assertThat(call(trusting("other-ca"))).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(call(InsecureChannelCredentials.create())).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void certificateOfAnotherHostIsNotTrusted() {
    serve("wrong-host", Optional.empty());

    assertThat(call(trusting("ca"))).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void onlyClientsWithACertificateOfTheClientAuthorityAreServed() {
    serve("server", Optional.of(PEM.resolve("ca.pem")));

    assertThat(call(presenting("client"))).isEqualTo(Status.Code.OK);
    assertThat(call(trusting("ca"))).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(call(presenting("other-client"))).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(call(presenting("expired"))).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void changedFilesAreReloadedAndBrokenOnesAreNot() throws IOException {
    copy("wrong-host", 1);
    TlsCredentials credentials =
        TlsCredentials.load(
            new TlsFiles(folder.resolve("tls.crt"), folder.resolve("tls.key"), Optional.empty()));
    serve(credentials);
    assertThat(call(trusting("ca"))).isEqualTo(Status.Code.UNAVAILABLE);

    copy("renewed", 2);
    credentials.reload();
    assertThat(call(trusting("ca"))).isEqualTo(Status.Code.OK);

    copy("expired", 3);
    credentials.reload();
    assertThat(call(trusting("ca"))).isEqualTo(Status.Code.OK);

    Files.writeString(folder.resolve("tls.crt"), "broken");
    credentials.reload();
    Files.delete(folder.resolve("tls.key"));
    credentials.reload();
    assertThat(call(trusting("ca"))).isEqualTo(Status.Code.OK);
  }

  @Test
  void filesThatCannotBeUsedAreNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "text");

    assertThat(failure("expired.pem", "expired.key"))
        .startsWith("the certificate")
        .contains("expired.pem expired at 2021-01-01T00:00:00Z; renew it");
    assertThat(failure("server.pem", "client.key"))
        .isEqualTo(
            "the key %s does not belong to the certificate %s"
                .formatted(PEM.resolve("client.key"), PEM.resolve("server.pem")));
    assertThat(failure("missing.pem", "server.key"))
        .endsWith("missing.pem cannot be read (NoSuchFileException)");
    assertThatExceptionOfType(AccessException.class)
        .isThrownBy(() -> load(text, PEM.resolve("server.key"), Optional.empty()))
        .withMessageContaining(text + " ");
    assertThatExceptionOfType(AccessException.class)
        .isThrownBy(() -> load(PEM.resolve("server.pem"), text, Optional.empty()))
        .withMessageStartingWith(text + " is not an unencrypted PKCS#8 key in PEM");
    assertThatExceptionOfType(AccessException.class)
        .isThrownBy(
            () -> load(PEM.resolve("server.pem"), PEM.resolve("server.key"), Optional.of(text)))
        .withMessageContaining(text + " ");
  }

  private static String failure(String certificate, String key) {
    return catchThrowableOfType(
            AccessException.class,
            () -> load(PEM.resolve(certificate), PEM.resolve(key), Optional.empty()))
        .getMessage();
  }

  private static TlsCredentials load(Path certificate, Path key, Optional<Path> clients) {
    return TlsCredentials.load(new TlsFiles(certificate, key, clients));
  }

  private void serve(String name, Optional<Path> clients) {
    serve(load(PEM.resolve(name + ".pem"), PEM.resolve(name + ".key"), clients));
  }

  private void serve(TlsCredentials credentials) {
    try {
      server =
          threads
              .server(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials.server())
              .addService(new HealthStatusManager().getHealthService())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Status.Code call(ChannelCredentials credentials) {
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress("localhost", server.getPort(), credentials).build();
    try {
      ServingStatus status =
          HealthGrpc.newBlockingStub(channel)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus();
      return status == ServingStatus.SERVING ? Status.Code.OK : Status.Code.UNKNOWN;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  private static ChannelCredentials trusting(String authority) {
    try {
      return TlsChannelCredentials.newBuilder()
          .trustManager(PEM.resolve(authority + ".pem").toFile())
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ChannelCredentials presenting(String client) {
    try {
      return TlsChannelCredentials.newBuilder()
          .trustManager(PEM.resolve("ca.pem").toFile())
          .keyManager(PEM.resolve(client + ".pem").toFile(), PEM.resolve(client + ".key").toFile())
          .build();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With a time of change of its own, because the clock of a file system can be coarse. */
  private void copy(String name, int modifiedSecond) throws IOException {
    for (String[] file : new String[][] {{".pem", "tls.crt"}, {".key", "tls.key"}}) {
      Path target = folder.resolve(file[1]);
      Files.copy(PEM.resolve(name + file[0]), target, StandardCopyOption.REPLACE_EXISTING);
      Files.setLastModifiedTime(target, FileTime.fromMillis(modifiedSecond * 1000L));
    }
  }
}
