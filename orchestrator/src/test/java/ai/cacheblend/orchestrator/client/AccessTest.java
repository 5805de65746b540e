package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.google.common.base.Ticker;
import com.google.common.net.HostAndPort;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against servers with certificates of {@code tls/make.sh}. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class AccessTest {
  private static final String TOKEN = "0123456789abcdef";

  @TempDir Path folder;

  private Server server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.shutdownNow();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1"})
  void certificateOfTheAuthorityIsAccepted(String host) throws Exception {
    assertThat(describe(host, serve(tls("server")), tls(Optional.empty())).model().name())
        .isEqualTo("served");
  }

  @ParameterizedTest
  @CsvSource({"server, other-ca", "expired, ca", "wrong-host, ca"})
  void otherCertificateIsRejected(String certificate, String authority) throws Exception {
    int port = serve(tls(certificate));
    Access access =
        new Access(Optional.of(file(authority + ".pem")), Optional.empty(), Optional.empty());

    assertThatThrownBy(() -> describe("localhost", port, access))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("UNAVAILABLE");
  }

  @Test
  void clientCertificateIsSent() throws Exception {
    int port = serve(mutualTls());

    assertThat(describe("localhost", port, tls(identity("client"))).model().name())
        .isEqualTo("served");
    assertThatThrownBy(() -> describe("localhost", port, tls(Optional.empty())))
        .isInstanceOf(WorkerException.class);
    assertThatThrownBy(() -> describe("localhost", port, tls(identity("other-client"))))
        .isInstanceOf(WorkerException.class);
  }

  @Test
  void plainTextClientOfATlsServerIsRejected() throws Exception {
    int port = serve(tls("server"));

    assertThatThrownBy(() -> describe("localhost", port, Access.OPEN))
        .isInstanceOf(WorkerException.class);
  }

  @Test
  void tokenIsSentAndReloadedWhenTheFileChanges() throws Exception {
    int port = serve(InsecureServerCredentials.create());
    Path token = Files.writeString(folder.resolve("token"), "# a comment\n" + TOKEN + "\n");

    assertThat(describe("localhost", port, withToken(token)).model().name()).isEqualTo("served");

    TokenFile file = new TokenFile(token);
    Files.writeString(token, "fedcba9876543210");
    Files.setLastModifiedTime(token, FileTime.from(Instant.EPOCH));
    file.refresh();
    assertThat(file.token()).isEqualTo("fedcba9876543210");
    Files.writeString(token, "");
    file.refresh();
    assertThat(file.token()).isEqualTo("fedcba9876543210");
  }

  @Test
  void wrongTokenIsRejectedByTheWorker() throws Exception {
    int port = serve(InsecureServerCredentials.create());
    Path token = Files.writeString(folder.resolve("token"), "another token".replace(' ', '-'));

    assertThatThrownBy(() -> describe("localhost", port, withToken(token)))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("UNAUTHENTICATED: scripted")
        .satisfies(
            e -> assertThat(((WorkerException) e).kind()).isEqualTo(WorkerException.Kind.REFUSED));
  }

  @Test
  void tokenIsNotSentInPlainTextToAnotherHost() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), TOKEN);

    for (String host : new String[] {"gpu1:50051", "192.0.2.1:50051", "[2001:db8::1]:50051"}) {
      assertThatThrownBy(() -> withToken(token).requireConfidential(HostAndPort.fromString(host)))
          .isInstanceOf(PlanException.class)
          .hasMessageContaining("plain text");
    }
    withToken(token).requireConfidential(HostAndPort.fromString("[::1]:50051"));
    new Access(Optional.of(file("ca.pem")), Optional.empty(), Optional.of(token))
        .requireConfidential(HostAndPort.fromString("gpu1:50051"));
  }

  @Test
  void invalidCertificateIsReportedInOneLine() throws Exception {
    Path file = Files.writeString(folder.resolve("ca.pem"), "not a certificate");
    Access access = new Access(Optional.of(file), Optional.empty(), Optional.empty());

    assertThatThrownBy(() -> describe("localhost", 1, access))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("tls-ca, tls-cert or tls-key is not valid");
  }

  private WorkerDescription describe(String host, int port, Access access) {
    try (GrpcWorkerClient client =
        GrpcWorkerClient.to(
            HostAndPort.fromParts(host, port),
            Ticker.systemTicker(),
            new ClientLimits(Duration.ofSeconds(60), 60),
            access)) {
      return client.describe();
    }
  }

  private Access withToken(Path token) {
    return new Access(Optional.empty(), Optional.empty(), Optional.of(token));
  }

  private static Access tls(Optional<Access.Identity> identity) throws URISyntaxException {
    return new Access(Optional.of(file("ca.pem")), identity, Optional.empty());
  }

  private static Optional<Access.Identity> identity(String name) throws URISyntaxException {
    return Optional.of(new Access.Identity(file(name + ".pem"), file(name + ".key")));
  }

  private static ServerCredentials tls(String name) throws Exception {
    return TlsServerCredentials.create(pem(name + ".pem"), pem(name + ".key"));
  }

  private static ServerCredentials mutualTls() throws Exception {
    return TlsServerCredentials.newBuilder()
        .keyManager(pem("server.pem"), pem("server.key"))
        .trustManager(pem("ca.pem"))
        .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
        .build();
  }

  private static File pem(String name) throws URISyntaxException {
    return file(name).toFile();
  }

  private static Path file(String name) throws URISyntaxException {
    return Path.of(AccessTest.class.getResource("/tls/" + name).toURI());
  }

  /** Returns the port. Checks the token only of calls in plain text that have one. */
  private int serve(ServerCredentials credentials) throws IOException {
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials)
            .intercept(new Tokens())
            .addService(
                new WorkerGrpc.WorkerImplBase() {
                  @Override
                  public void describe(
                      DescribeRequest request, StreamObserver<DescribeResponse> out) {
                    DescribeResponse.Builder response = DescribeResponse.newBuilder();
                    response.getModelBuilder().setName("served");
                    out.onNext(response.build());
                    out.onCompleted();
                  }
                })
            .build()
            .start();
    return server.getPort();
  }

  private static final class Tokens implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      String sent = headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
      if (sent != null && !sent.equals("Bearer " + TOKEN)) {
        call.close(Status.UNAUTHENTICATED.withDescription("scripted"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }
}
