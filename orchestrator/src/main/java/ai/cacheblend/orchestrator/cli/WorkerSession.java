package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.ClientLimits;
import ai.cacheblend.orchestrator.client.GrpcWorkerClient;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunFailedException;
import com.google.common.net.HostAndPort;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The workers of a command: connected to, or started and stopped with it. */
final class WorkerSession implements AutoCloseable {
  private final List<GrpcWorkerClient> clients;
  private final Optional<LocalWorker> local;

  private WorkerSession(List<GrpcWorkerClient> clients, Optional<LocalWorker> local) {
    this.clients = List.copyOf(clients);
    this.local = local;
  }

  static WorkerSession connect(List<HostAndPort> addresses, Console console, ClientLimits limits) {
    return new WorkerSession(
        addresses.stream()
            .map(address -> GrpcWorkerClient.to(address, console.clock().ticker(), limits))
            .toList(),
        Optional.empty());
  }

  static WorkerSession start(
      List<String> command, boolean verbose, Console console, ClientLimits limits) {
    LocalWorker local = LocalWorker.start(command, verbose, console.err());
    return new WorkerSession(
        List.of(GrpcWorkerClient.to(local.address(), console.clock().ticker(), limits)),
        Optional.of(local));
  }

  /** Does {@code work} with the workers; reports how a local worker ended, if it did. */
  <T> T with(Function<Fleet, T> work) {
    try {
      return work.apply(Fleet.connect(clients));
    } catch (WorkerException | RunFailedException e) {
      if (local.isPresent() && !local.get().alive()) {
        throw new LocalWorkerException("the worker ended: " + local.get().exitSummary());
      }
      throw e;
    }
  }

  @Override
  public void close() {
    clients.forEach(GrpcWorkerClient::close);
    local.ifPresent(LocalWorker::close);
  }
}
