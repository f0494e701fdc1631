package main

import (
	"fmt"
	"strings"
)

// groupSubjects says of each group folder what its kinds are about: the one line above a file's package statement.
var groupSubjects = map[string]string{
	"admission":             "The review that an admission webhook is asked for.",
	"admissionregistration": "Admission webhooks and admission policies, as configured.",
	"apidiscovery":          "The aggregated list of what an API server serves.",
	"apiextensions":         "CustomResourceDefinition and the JSON schema that it carries.",
	"apiregistration":       "APIService: an API served by an aggregated server.",
	"apiserverinternal":     "StorageVersion: what each API server stores.",
	"apps":                  "Workloads: Deployment, StatefulSet, DaemonSet, ReplicaSet.",
	"auditregistration":     "AuditSink: where audit events go (gone since v0.19).",
	"authentication":        "Reviews of tokens and of the asking user.",
	"authorization":         "Reviews of access: may this user do that?",
	"autoscaling":           "HorizontalPodAutoscaler and Scale.",
	"batch":                 "Job and CronJob.",
	"certificates":          "Certificate signing requests and trust bundles.",
	"coordination":          "Lease: leader election and heartbeats.",
	"core":                  "The core group: Pod, Service, Endpoints, Node, ConfigMap, Secret and their companions.",
	"discovery":             "EndpointSlice: the addresses behind a Service.",
	"events":                "Event: what happened to an object.",
	"extensions":            "Early forms of Ingress, Deployment, DaemonSet and NetworkPolicy.",
	"flowcontrol":           "Priority and fairness of requests to an API server.",
	"imagepolicy":           "The review that an image policy webhook is asked for.",
	"lifecycle":             "Evictions, as requested and answered.",
	"meta":                  "What every object shares: metadata, lists, options, times, status answers.",
	"networking":            "Ingress, NetworkPolicy, IP addresses and Service CIDRs.",
	"node":                  "RuntimeClass: how containers are run.",
	"policy":                "PodDisruptionBudget, Eviction and pod security policies.",
	"rbac":                  "Roles and their bindings.",
	"resource":              "Dynamic resource allocation: devices, claims and slices.",
	"scheduling":            "PriorityClass and the scheduling of groups of Pods.",
	"settings":              "PodPreset (gone since v0.20).",
	"storage":               "StorageClass, CSI drivers and volume attachments.",
	"storagemigration":      "StorageVersionMigration: rewriting what is stored.",
	"runtime":               "The envelope of stored objects and embedded raw objects.",
	"intstr":                "IntOrString: a number or a name.",
	"quantity":              "Quantity: an amount of a resource.",
}

func aboutPackage(file string) (string, error) {
	group, _, _ := strings.Cut(file, "/")
	subject := groupSubjects[group]
	if subject == "" {
		return "", fmt.Errorf("about.go has no line for %s", group)
	}
	return subject, nil
}
