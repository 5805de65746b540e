package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;
import java.util.Optional;

/**
 * A benchmark under load.
 *
 * @param extent of each level and arm
 * @param slices parts into which the time of a level and arm is divided; the slices of the arms are
 *     interleaved
 * @param warmupRequests unmeasured requests at the start of each slice
 * @param slo limits that goodput counts by; empty: no goodput
 * @param background requests beside the measured ones; empty: none
 * @param precollect whether all chunks of the pool are stored before each slice
 * @param maxNewTokens tokens to generate; end-of-sequence tokens do not end an answer
 * @param seed of prompts, arrivals and the order of arms
 */
public record LoadPlan(
    List<NamedArm> arms,
    LoadShape shape,
    Extent extent,
    int slices,
    int warmupRequests,
    Optional<Slo> slo,
    LoadWorkload workload,
    Optional<Background> background,
    boolean precollect,
    int maxNewTokens,
    long seed,
    List<String> workers) {

  /**
   * How much is measured of each arm at each level: a time or a number of requests.
   *
   * @param seconds 0 if {@code requests} is given
   * @param requests 0 if {@code seconds} is given
   */
  public record Extent(double seconds, int requests) {
    public Extent {
      require(
          (seconds > 0) != (requests > 0) && seconds >= 0 && requests >= 0,
          "duration and requests exclude each other; give one of them, more than 0");
    }

    public static Extent ofSeconds(double seconds) {
      return new Extent(seconds, 0);
    }

    public static Extent ofRequests(int requests) {
      return new Extent(0, requests);
    }

    /** The part of one of {@code slices} slices. */
    public Extent slice(int slice, int slices) {
      return seconds > 0
          ? ofSeconds(seconds / slices)
          : ofRequests(
              (int) ((long) requests * (slice + 1) / slices - (long) requests * slice / slices));
    }
  }

  public LoadPlan {
    arms = NamedArm.distinct(arms);
    workers = List.copyOf(workers);
    require(slices >= 1, "slices is " + slices + "; use 1 or more");
    require(
        extent.requests() == 0 || extent.requests() >= slices,
        "requests is "
            + extent.requests()
            + ", fewer than the "
            + slices
            + " slices; use more requests or fewer slices");
    require(
        !(shape instanceof LoadShape.Search) || slo.isPresent(),
        "rate auto needs an objective; give slo, such as ttft=500ms,itl=50ms");
    require(
        !(shape instanceof LoadShape.Search) || slices == 1,
        "slices is " + slices + "; rate auto runs one slice of each arm per round, set rounds");
    require(
        !(shape instanceof LoadShape.Trace)
            || (slices == 1 && workload instanceof LoadWorkload.Trace),
        "slices is " + slices + "; each arm replays a trace once, leave slices out");
    require(
        !workload.drifts() || (slices == 1 && extent.requests() > 0),
        "slices is " + slices + "; a stream is one slice of a number of requests");
    require(
        !workload.drifts() || NamedArm.baseline(arms).isPresent(),
        "arms has no full_prefill; a stream compares each arm with it");
    require(
        !workload.drifts() || !(shape instanceof LoadShape.Search),
        "rate is auto; a stream needs rates or a concurrency");
    require(warmupRequests >= 0, "warmup is " + warmupRequests + "; use 0 or more");
    require(maxNewTokens >= 1, "max-new-tokens is " + maxNewTokens + "; use 1 or more");
    require(!workers.isEmpty(), "workers is empty; name at least one");
  }

  /** Unmeasured requests at the start of a slice: at least one per client of a closed loop. */
  public int warmupRequests(LoadPoint point) {
    return warmupRequests == 0 || point.kind() != LoadPoint.Kind.CONCURRENCY
        ? warmupRequests
        : Math.max(warmupRequests, (int) point.value());
  }

  /** The same requests by one client, {@code requests} for each arm. */
  public LoadPlan withOneClient(int requests) {
    return new LoadPlan(
        arms,
        new LoadShape.Closed(List.of(1)),
        Extent.ofRequests(requests),
        1,
        0,
        slo,
        workload,
        background,
        precollect,
        maxNewTokens,
        seed,
        workers);
  }

  /** Slices of all arms at a level. */
  public int slicesPerLevel() {
    return slices * arms.size();
  }

  public Optional<NamedArm> baseline() {
    return NamedArm.baseline(arms);
  }
}
