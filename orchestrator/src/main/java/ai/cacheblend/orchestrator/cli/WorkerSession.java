package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.GrpcWorkerClient;
import ai.cacheblend.orchestrator.client.LeaseWait;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.RunFailedException;
import com.google.common.net.HostAndPort;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The workers of a command: connected to, or started and stopped with it. While it works, it holds
 * a lease on each.
 */
final class WorkerSession implements AutoCloseable {

  /** Creates a client of the worker at an address. */
  interface Connector extends Function<HostAndPort, GrpcWorkerClient> {}

  private final List<GrpcWorkerClient> clients;
  private final Optional<LocalWorker> local;
  private final Lease lease;
  private final Thread releaseAtExit = new Thread(this::release, "release leases");

  /**
   * The leases of a session.
   *
   * @param holder name for other clients
   * @param shared whether other clients may use the workers as well
   * @param patience for the leases of killed runs
   */
  record Lease(String holder, boolean shared, LeaseWait patience) {}

  private WorkerSession(List<GrpcWorkerClient> clients, Optional<LocalWorker> local, Lease lease) {
    this.clients = List.copyOf(clients);
    this.local = local;
    this.lease = lease;
    Runtime.getRuntime().addShutdownHook(releaseAtExit);
  }

  static WorkerSession connect(List<HostAndPort> addresses, Connector connector, Lease lease) {
    return new WorkerSession(addresses.stream().map(connector).toList(), Optional.empty(), lease);
  }

  static WorkerSession start(
      List<String> command,
      LocalWorker.Shown shown,
      Console console,
      Connector connector,
      Lease lease) {
    LocalWorker local = LocalWorker.start(command, shown, console.err());
    return new WorkerSession(List.of(connector.apply(local.address())), Optional.of(local), lease);
  }

  /** Runs {@code work} with the workers; if a local worker has exited, reports its exit summary. */
  <T> T with(Function<Fleet, T> work) {
    try {
      Fleet fleet = Fleet.connect(clients);
      clients.forEach(client -> client.acquireLease(lease.holder, lease.shared, lease.patience));
      return work.apply(fleet);
    } catch (WorkerException | RunFailedException e) {
      if (local.isPresent() && !local.get().alive()) {
        throw new LocalWorkerException("the worker exited: " + local.get().exitSummary());
      }
      throw e;
    } finally {
      release();
    }
  }

  private void release() {
    clients.forEach(GrpcWorkerClient::releaseLease);
  }

  @Override
  public void close() {
    clients.forEach(GrpcWorkerClient::close);
    local.ifPresent(LocalWorker::close);
    try {
      Runtime.getRuntime().removeShutdownHook(releaseAtExit);
    } catch (IllegalStateException e) {
      // This process is exiting: the hook runs or has run.
    }
  }
}
