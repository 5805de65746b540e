package ai.cacheblend.orchestrator.compare;

/**
 * A fact that two runs do not share.
 *
 * @param name such as {@code plan / trials}
 */
public record FactChange(String name, String a, String b) {}
