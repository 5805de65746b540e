package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.records.WorkerInfo;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The workers of a run: one or more, all with the same model and tokenizer. */
public record Fleet(List<Worker> workers) {
  public Fleet {
    workers = List.copyOf(workers);
    PlanException.require(!workers.isEmpty(), "workers is empty; name at least one");
    Worker first = workers.get(0);
    Set<String> addresses = new HashSet<>();
    Map<String, Worker> instances = new HashMap<>();
    for (Worker worker : workers) {
      PlanException.require(
          addresses.add(worker.address()),
          "worker " + worker.address() + " is given twice; name each worker once");
      requireAnother(instances, worker);
      requireSame(
          "model fingerprint",
          first,
          worker,
          first.model().fingerprint(),
          worker.model().fingerprint());
      requireSame(
          "tokenizer",
          first,
          worker,
          first.model().tokenizerSha256(),
          worker.model().tokenizerSha256());
    }
  }

  /**
   * Gets the description of every worker.
   *
   * @throws WorkerException if the only worker does not describe itself
   * @throws RunFailedException if one of several does not; the message names all that do not
   */
  public static Fleet connect(List<? extends WorkerClient> clients) {
    List<Worker> workers = new ArrayList<>();
    List<WorkerException> failures = new ArrayList<>();
    for (WorkerClient client : clients) {
      try {
        workers.add(new Worker(client, client.describe()));
      } catch (WorkerException e) {
        failures.add(e);
      }
    }
    if (failures.isEmpty()) {
      return new Fleet(workers);
    }
    if (clients.size() == 1) {
      throw failures.get(0);
    }
    throw new RunFailedException(
        failures.size()
            + " of "
            + clients.size()
            + " workers failed at the start: "
            + failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "))
            + "; start them, or leave them out");
  }

  /** Two addresses of one process would share its chunk store and its queue. */
  private static void requireAnother(Map<String, Worker> instances, Worker worker) {
    String id = worker.description().instanceId();
    Worker same = id.isEmpty() ? null : instances.put(id, worker);
    PlanException.require(
        same == null,
        "worker "
            + worker.address()
            + " is the same process as worker "
            + (same == null ? "" : same.address())
            + "; name each worker once");
  }

  private static void requireSame(
      String what, Worker first, Worker other, String expected, String actual) {
    PlanException.require(
        expected.equals(actual),
        what
            + " of worker "
            + other.address()
            + " is "
            + actual
            + ", of worker "
            + first.address()
            + " "
            + expected
            + "; start all workers with the same model");
  }

  /** A worker for calls whose result is the same on all workers, such as tokenization. */
  public Worker first() {
    return workers.get(0);
  }

  public WorkerDescription.Model model() {
    return first().model();
  }

  public OptionalInt bosTokenId() {
    return model().bosTokenId();
  }

  /** The workers in the form of records. */
  public List<WorkerInfo> infos() {
    return workers.stream().map(w -> new WorkerInfo(w.address(), w.description())).toList();
  }

  public List<String> addresses() {
    return workers.stream().map(Worker::address).toList();
  }

  /** Whether the tokenizer adds the BOS token to every text. */
  boolean tokenizerAddsBos() {
    ImmutableIntArray ids = first().client().tokenize(List.of(""), true).get(0);
    return bosTokenId().isPresent() && ids.length() > 0 && ids.get(0) == bosTokenId().getAsInt();
  }

  /** Limit of prompt tokens plus new tokens of one request, over all workers. */
  public int maxSequenceTokenCount() {
    return workers.stream()
        .mapToInt(worker -> worker.description().limits().maxSequenceTokenCount())
        .min()
        .orElseThrow();
  }

  /** Number formats of chunks below the devices, those that change the KV. */
  public Set<String> roundingTierKv() {
    return workers.stream()
        .map(worker -> worker.description().memory())
        .filter(WorkerDescription.Memory::tiersRound)
        .map(WorkerDescription.Memory::tierKv)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Rejects a tier that a worker does not have, or whose chunks have different number formats.
   *
   * @param tier empty: chunks stay on the device
   */
  public void requireTier(Optional<Tier> tier) {
    tier.ifPresent(chosen -> workers.forEach(worker -> requireTier(chosen, worker)));
  }

  private void requireTier(Tier tier, Worker worker) {
    PlanException.require(
        worker.description().memory().tiers().contains(tier),
        "tier is "
            + tier.id()
            + ", which worker "
            + worker.address()
            + " does not have; start it with --host-memory, --disk or --store");
    String format = worker.description().memory().tierKv();
    String expected = first().description().memory().tierKv();
    PlanException.require(
        format.equals(expected),
        "tier-kv of worker "
            + worker.address()
            + " is "
            + format
            + ", of worker "
            + first().address()
            + " "
            + expected
            + "; start all workers with the same --tier-kv");
  }

  /** Rejects arms with a check layer that the graph of the workers does not have. */
  public void requireCheckLayers(List<NamedArm> arms) {
    for (NamedArm arm : arms) {
      for (int layer : arm.arm().checkLayers()) {
        PlanException.require(
            model().checkLayers().contains(layer),
            "arm "
                + arm.name()
                + " checks at layer "
                + layer
                + ", the model's check layers are "
                + model().checkLayers()
                + "; use one of them or start the worker with --check-layers");
      }
    }
  }
}
