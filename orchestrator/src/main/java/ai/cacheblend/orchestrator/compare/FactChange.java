package ai.cacheblend.orchestrator.compare;

/**
 * A fact with different values in two runs.
 *
 * @param name such as {@code plan / trials}
 */
public record FactChange(String name, String a, String b) {}
