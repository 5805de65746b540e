/** Charts of finished runs as SVG, drawn at the displayed width and coloured by a style sheet. */
package ai.cacheblend.orchestrator.page.chart;
