package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.model.VerifyMode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Configuration of a worker.
 *
 * @param host name or address, of IPv6 without brackets
 * @param threadCount compute threads on the CPU
 * @param checkLayers empty: those of the exported graph
 * @param verify how much of the weights is verified before the worker is ready
 * @param launchOptions what {@link LaunchOptions} reports of the command line
 */
record WorkerOptions(
    String model,
    DeviceName device,
    String host,
    int port,
    int threadCount,
    MemoryPlan.Requested memory,
    TierOptions tiers,
    int queueCapacity,
    BatchLimits limits,
    List<Integer> checkLayers,
    VerifyMode verify,
    Duration drain,
    SecurityOptions security,
    List<String> launchOptions) {

  WorkerOptions {
    requireNonNull(model, "model is null");
    requireNonNull(device, "device is null");
    requireNonNull(host, "host is null");
    requireNonNull(memory, "memory is null");
    requireNonNull(tiers, "tiers is null");
    requireNonNull(limits, "limits is null");
    requireNonNull(verify, "verify is null");
    requireNonNull(security, "security is null");
    host = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    checkArgument(port >= 0 && port <= 65535, "--port is %s, expected 0 to 65535", port);
    checkArgument(threadCount >= 1, "--threads is %s, expected 1 or more", threadCount);
    checkArgument(queueCapacity >= 1, "--queue is %s, expected 1 or more", queueCapacity);
    checkArgument(
        !drain.isNegative(), "--drain-seconds is %s, expected 0 or more", drain.toSeconds());
    checkLayers = List.copyOf(checkLayers);
    launchOptions = List.copyOf(launchOptions);
  }

  /** The address to listen on; refuses a host that does not resolve. */
  InetSocketAddress address() {
    InetSocketAddress address = new InetSocketAddress(host, port);
    checkArgument(
        !address.isUnresolved(),
        "--host %s does not resolve; use an address of this host, for example 127.0.0.1 or ::1",
        host);
    return address;
  }
}
