package ai.cacheblend.orchestrator.client;

import ai.cacheblend.host.Build;
import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.transport.IoThreads;

/** The build of this program: its own classes, the contract, the metrics, the transport. */
public final class OrchestratorBuild {
  private OrchestratorBuild() {}

  public static Build read() {
    return Build.of(
        OrchestratorBuild.class, WorkerGrpc.class, NonInferiorityRule.class, IoThreads.class);
  }
}
