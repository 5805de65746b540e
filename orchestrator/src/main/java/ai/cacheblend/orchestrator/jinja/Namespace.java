package ai.cacheblend.orchestrator.jinja;

import java.util.Map;

/** The object of {@code namespace()}, whose attributes can be assigned in an inner scope. */
record Namespace(Map<String, Object> attributes) {}
