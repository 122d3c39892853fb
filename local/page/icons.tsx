/** The few pictures the page draws itself. */
import type { ReactNode } from 'react'

const Icon = ({ children, size = 18 }: { children: ReactNode; size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="2"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    {children}
  </svg>
)

/** Tocsin's avatar: a ringing bell. */
export const Bell = ({ size = 24 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
    <path d="M12 3.2a1.3 1.3 0 0 0-1.3 1.3v.6c-2.5.6-4.1 2.7-4.1 5.3 0 3.2-.9 4.7-1.9 5.7-.5.5-.2 1.3.5 1.3h13.6c.7 0 1-.8.5-1.3-1-1-1.9-2.5-1.9-5.7 0-2.6-1.6-4.7-4.1-5.3v-.6A1.3 1.3 0 0 0 12 3.2z" />
    <path d="M9.9 18.6a2.2 2.2 0 0 0 4.2 0z" />
    <path
      d="M4.1 9.3c.1-1.7.8-3.2 2-4.4M19.9 9.3c-.1-1.7-.8-3.2-2-4.4"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
    />
  </svg>
)

export const Cross = () => (
  <Icon>
    <path d="M6 6l12 12M18 6L6 18" />
  </Icon>
)

export const Eye = () => (
  <Icon size={14}>
    <path d="M2 12s3.5-6.5 10-6.5S22 12 22 12s-3.5 6.5-10 6.5S2 12 2 12z" />
    <circle cx="12" cy="12" r="2.5" />
  </Icon>
)

export const Reply = () => (
  <Icon size={16}>
    <path d="M21 12a8 8 0 0 1-8 8H4l2.5-3A8 8 0 1 1 21 12z" />
  </Icon>
)

export const Send = () => (
  <Icon size={16}>
    <path d="M4 4l17 8-17 8 3-8z" fill="currentColor" />
  </Icon>
)

export const Warning = () => (
  <Icon size={14}>
    <path d="M12 3l10 18H2zM12 10v4M12 17.5v.1" />
  </Icon>
)

export const Chevron = () => (
  <Icon size={14}>
    <path d="M6 9l6 6 6-6" />
  </Icon>
)

export const Dots = () => (
  <Icon size={16}>
    <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3.5" />
  </Icon>
)
